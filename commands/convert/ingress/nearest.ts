const ofGateway = "it is the gateway's to do, by a policy of its implementation";
const never = 'routes hold no configuration of nginx';
const perRead =
  'it bounds the time between two reads, where the nearest fields, timeouts.request and timeouts.backendRequest, bound the whole';

/** What no route says, and what comes near it; each by its short name. */
export const nearest: Readonly<Record<string, string>> = {
  'backend-protocol': "appProtocol of the Service's port says it; gRPC takes a GRPCRoute",
  'proxy-read-timeout': perRead,
  'proxy-send-timeout': perRead,
  'proxy-connect-timeout': "the annotation heddle.dev/connect-timeout of the clients' pods says it in the mesh",
  'proxy-next-upstream-timeout': 'timeouts.request bounds a request with all its tries',
  'proxy-body-size': 'routes have no limit for bodies',
  'proxy-buffering': 'bodies pass as they come',
  'proxy-request-buffering': 'bodies pass as they come',
  'proxy-buffer-size': 'heads may have 64 KiB',
  affinity: 'sessionAffinity: ClientIP of the Service has a client stay with an endpoint, without a cookie',
  'affinity-mode': 'as affinity',
  'session-cookie-name': 'as affinity',
  'session-cookie-max-age': 'as affinity',
  'session-cookie-expires': 'as affinity',
  'session-cookie-path': 'as affinity',
  'upstream-hash-by': 'sessionAffinity: ClientIP of the Service is all there is',
  'load-balance': 'endpoints are chosen by latency, load and failures',
  'auth-url': ofGateway,
  'auth-signin': ofGateway,
  'auth-type': ofGateway,
  'auth-secret': ofGateway,
  'auth-realm': ofGateway,
  'auth-tls-secret': ofGateway,
  'auth-tls-verify-client': ofGateway,
  'whitelist-source-range': ofGateway,
  'denylist-source-range': ofGateway,
  'limit-rps': ofGateway,
  'limit-rpm': ofGateway,
  'limit-connections': ofGateway,
  'configuration-snippet': never,
  'server-snippet': never,
  'stream-snippet': never,
  'server-alias': 'write these names into hostnames',
  'from-to-www-redirect': 'a route of its own for the other name, with RequestRedirect and its hostname, says it',
  'proxy-ssl-secret': 'a BackendTLSPolicy says how a backend is spoken to by TLS',
  'proxy-ssl-verify': 'a BackendTLSPolicy says how a backend is spoken to by TLS',
};
