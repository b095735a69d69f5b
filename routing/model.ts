/**
 * The model that the agent produces and the sidecar obeys. The words are the Gateway API's
 * (https://gateway-api.sigs.k8s.io/reference/spec/); nothing here knows Kubernetes, sockets or protobuf.
 */

/** A namespaced Kubernetes name; printed as `namespace/name`. */
export type ObjectName = { readonly namespace: string; readonly name: string };

/**
 * How the bytes of a Service port are to be understood: from its appProtocol, then from its name's prefix;
 * `detect` when neither says anything.
 */
export type Protocol = 'detect' | 'http1' | 'http2' | 'tls' | 'opaque';

/** Everything a sidecar needs to route connections to one port of one Service; sent once per ClusterIP. */
export type ServiceRouting = {
  readonly service: ObjectName;
  readonly port: number;
  readonly protocol: Protocol;
  /** Empty: default forwarding to `endpoints`. Otherwise a request that no rule matches gets 404 (an RPC: UNIMPLEMENTED). */
  readonly routes: readonly Route[];
  /** Name of the `Endpoints` of this very Service port: `namespace/service:port`. */
  readonly endpoints: string;
};

export type Route = ObjectName & {
  /** One port has routes of one kind only. */
  readonly kind: 'HTTPRoute' | 'GRPCRoute';
  /** creationTimestamp as milliseconds since the epoch: the older route wins a tie. */
  readonly createdAtMs: number;
  readonly rules: readonly Rule[];
};

export type Rule = {
  /** Position in the route as the user wrote it, from 0. */
  readonly index: number;
  readonly name?: string;
  /** ORed; never empty (the default, prefix `/`, is written out by the translation). */
  readonly matches: readonly Match[];
  readonly filters: readonly Filter[];
  /** Weights are shares of their sum. Empty without a redirect: 500. */
  readonly backends: readonly Backend[];
  /** Never empty. */
  readonly timeouts?: Timeouts;
  readonly retry?: Retry;
};

/** In milliseconds, from 1 to what a timer can wait (2^31 - 1). What is left out is not limited by the route. */
export type Timeouts = {
  /** From the request's head to the end of its response, all tries and the waits between them included: then 504. */
  readonly requestMs?: number;
  /** Of one try, from when it begins to be sent; with `requestMs`, never more than that. */
  readonly backendRequestMs?: number;
};

/** What the route says of sending a request again (https://gateway-api.sigs.k8s.io/geps/gep-1731/). */
export type Retry = {
  /** Tries besides the first. 0: it is never sent again, and nothing else is said. */
  readonly attempts: number;
  /** Statuses, 400 to 599, in ascending order, after which it is sent again; besides them, what no backend processed. */
  readonly codes: readonly number[];
  /** The base interval of the waits between tries, up to 2^31 - 1; 0: none. Left out: as the sidecar likes. */
  readonly backoffMs?: number;
};

/** All conditions of one match are ANDed. */
export type Match = {
  readonly path: PathMatch;
  readonly headers: readonly HeaderMatch[];
  readonly queryParams: readonly QueryParamMatch[];
  readonly method?: string;
};

export type PathMatch = HTTPPathMatch | GRPCMethodMatch;

export type HTTPPathMatch = {
  readonly type: 'Exact' | 'PathPrefix' | 'RegularExpression';
  /** A PathPrefix comes without its trailing slash, except `/` itself. */
  readonly value: string;
};

/** What a GRPCRoute asks of a path, which is `/service/method` of an RPC; what is left out matches all. */
export type GRPCMethodMatch = {
  readonly type: 'GRPCMethod';
  /** Of service and method alike. */
  readonly by: 'Exact' | 'RegularExpression';
  /** Never empty. */
  readonly service?: string;
  /** Never empty. */
  readonly method?: string;
};

export type HeaderMatch = {
  readonly type: 'Exact' | 'RegularExpression';
  /** Lower case. */
  readonly name: string;
  readonly value: string;
};

export type QueryParamMatch = {
  readonly type: 'Exact' | 'RegularExpression';
  readonly name: string;
  readonly value: string;
};

export type HeaderField = { readonly name: string; readonly value: string };

export type HeaderModifier = {
  readonly set: readonly HeaderField[];
  readonly add: readonly HeaderField[];
  readonly remove: readonly string[];
};

export type PathModifier = {
  readonly type: 'ReplaceFullPath' | 'ReplacePrefixMatch';
  readonly value: string;
};

export type RedirectStatus = 301 | 302 | 303 | 307 | 308;

export type Redirect = {
  readonly type: 'RequestRedirect';
  readonly scheme?: 'http' | 'https';
  readonly hostname?: string;
  readonly port?: number;
  readonly path?: PathModifier;
  readonly statusCode: RedirectStatus;
};

/** Copies requests to one endpoint of a Service port; what it answers is dropped. May stand several times. */
export type RequestMirror = ObjectName & {
  readonly type: 'RequestMirror';
  readonly port: number;
  /** An invalid one gets no copy and does no harm to the request. */
  readonly target: BackendTarget;
  /** Of the requests, from 0 (none) to 1 (all). */
  readonly fraction: number;
};

/**
 * What scripts of other origins may do (https://fetch.spec.whatwg.org/#http-cors-protocol). A `*` in `allowOrigins`,
 * `allowMethods` or `allowHeaders` stands alone there.
 */
export type CORS = {
  readonly type: 'CORS';
  /**
   * `*`, or `scheme://host` with `:port` unless it is the scheme's own, in lower case. A host may be `*` or begin with
   * `*.`, which stands for one or more labels. Empty: no origin.
   */
  readonly allowOrigins: readonly string[];
  readonly allowCredentials: boolean;
  /** As they are written; GET, HEAD and POST are always allowed. */
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  /** May have `*` among them, which means nothing where credentials are allowed. */
  readonly exposeHeaders: readonly string[];
  /** Whole seconds. */
  readonly maxAgeMs: number;
};

export type Filter =
  | ({ readonly type: 'RequestHeaderModifier' } & HeaderModifier)
  | ({ readonly type: 'ResponseHeaderModifier' } & HeaderModifier)
  | Redirect
  | { readonly type: 'URLRewrite'; readonly hostname?: string; readonly path?: PathModifier }
  | RequestMirror
  | CORS
  /** A filter or field that is not built, or is wrong: what it applies to answers 500 with this message, never skipped. */
  | { readonly type: 'Unsupported'; readonly name: string; readonly message: string };

/** The condition reasons a backendRef can fail with (ResolvedRefs). */
export type InvalidBackendReason = 'BackendNotFound' | 'InvalidKind' | 'RefNotPermitted' | 'UnsupportedProtocol';

export type Backend = ObjectName & {
  readonly weight: number;
  readonly port: number;
  readonly filters: readonly Filter[];
  /** An invalid backend keeps its weight and answers 500. */
  readonly target: BackendTarget;
};

/** Where the endpoints of a Service port are found, or why there are none. */
export type BackendTarget =
  | { readonly type: 'Endpoints'; readonly endpoints: string; readonly protocol: Protocol }
  | { readonly type: 'Invalid'; readonly reason: InvalidBackendReason; readonly message: string };

/**
 * The endpoints of one Service port that a client may use, named `namespace/service:port`; they travel apart from the
 * routes. Where the client and each endpoint run, the agent knows, and keeps it to itself.
 */
export type Endpoints = {
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
  /** A client stays with one of them until it has not used it for so long; whole seconds. */
  readonly sessionAffinityMs?: number;
  /** What their Service asks for; what it does not say is as every sidecar has it. */
  readonly policy?: EndpointPolicy;
  /** Why there are none for this client, though the Service has some. */
  readonly whyNone?: string;
};

/** How each client is to treat each endpoint of a Service, where it is not by the defaults. */
export type EndpointPolicy = {
  /** So many failures without an answer between them have it left out; 0: none do. */
  readonly outlierFailures?: number;
  /** For how long at first. */
  readonly outlierEjectionMs?: number;
  /** For how long a new one gets less than its share; 0: it never does. */
  readonly slowStartMs?: number;
  /** Connections that requests may open to it. */
  readonly maxConnections?: number;
  /** Requests that may wait for one of these. */
  readonly maxWaitingRequests?: number;
};

/** One address:port of a pod, with the conditions of its EndpointSlice. */
export type Endpoint = {
  /** IPv4 or IPv6, without brackets. */
  readonly address: string;
  readonly port: number;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  /** Pod name where known, for people. */
  readonly pod?: string;
};

/** What the sidecar of a pod is told of the connections that come to its own application. */
export type Inbound = { readonly ports: readonly InboundPort[] };

/** A port of the pod of which Services say what is spoken there. */
export type InboundPort = {
  readonly port: number;
  readonly protocol: Protocol;
  /** The ports of Services that say so, `namespace/service:port`, for people. */
  readonly declaredBy: readonly string[];
};

/** The pod that has an address, by which the resource is named. */
export type Peer = { readonly namespace: string; readonly pod: string };

/** `namespace/pod`, the name of an Inbound resource; nobody else is told it. */
export function inboundName({ namespace, pod }: { readonly namespace: string; readonly pod: string }): string {
  return `${namespace}/${pod}`;
}

/** `namespace/service:port`, the name of an Endpoints resource. */
export function endpointsName(service: ObjectName, port: number): string {
  return `${service.namespace}/${service.name}:${port}`;
}

/** What such a name says: `service` is `namespace/service`. */
export function readEndpointsName(name: string): { readonly service: string; readonly port: number } {
  const colon = name.lastIndexOf(':');
  return { service: name.slice(0, colon), port: Number(name.slice(colon + 1)) };
}

/** `HTTPRoute shop/cart`, a route as log lines, statuses and commands name it. */
export function routeName({ kind, namespace, name }: ObjectName & { readonly kind: string }): string {
  return `${kind} ${namespace}/${name}`;
}

/** `address:port` as resource name of a ServiceRouting; an IPv6 address is bracketed and must be in canonical form. */
export function destinationName(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
