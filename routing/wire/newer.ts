import type { Capability } from './capabilities.ts';

/** Something that came into the messages after the first sidecars, and what becomes of it for one that cannot read it. */
export type NewerPart<C extends string = Capability> = {
  /** `Message.field` of heddle.v1, `Enum.VALUE`, or `Message.field=text` for one text or enum value of a field. */
  readonly part: string;
  /** What people call it; it stands in the reason of a 500. */
  readonly name: string;
  readonly needs: C;
  /**
   * `isLeftOut`: nothing wrong is done without it. `fails`: what it stands in answers 500 (a filter, a rule, a backend),
   * is not offered (an endpoint), or cannot be said at all (a routing, a route, a match).
   */
  readonly without: 'isLeftOut' | 'fails';
};

/** What an HTTPRoute may say besides since heddle.v1.http-route-policies, under the name of it in the route. */
const policies = {
  RequestMirror: [
    'Filter.request_mirror',
    'RequestMirror.namespace',
    'RequestMirror.name',
    'RequestMirror.port',
    'RequestMirror.fraction',
    'RequestMirror.endpoints',
    'RequestMirror.invalid',
  ],
  CORS: [
    'Filter.cors',
    'CORS.allow_origins',
    'CORS.allow_credentials',
    'CORS.allow_methods',
    'CORS.allow_headers',
    'CORS.expose_headers',
    'CORS.max_age_seconds',
  ],
  timeouts: ['Rule.timeouts', 'Timeouts.request_ms', 'Timeouts.backend_request_ms'],
  retry: ['Rule.retry', 'Retry.attempts', 'Retry.codes', 'Retry.backoff_ms'],
} as const;

const endpointPolicy = [
  'Endpoints.policy',
  'EndpointPolicy.outlier_failures',
  'EndpointPolicy.outlier_ejection_ms',
  'EndpointPolicy.slow_start_ms',
  'EndpointPolicy.max_connections',
  'EndpointPolicy.max_waiting_requests',
] as const;

const grpcMethod = [
  'Route.kind=GRPCRoute',
  'Match.grpc_method',
  'GRPCMethodMatch.type',
  'GRPCMethodMatch.service',
  'GRPCMethodMatch.method',
] as const;

/** All that came after commit 4011768; a test wants each field and enum value that is added to be named here. */
export const newerParts: readonly NewerPart[] = [
  ...['Inbound.ports', 'InboundPort.port', 'InboundPort.protocol', 'InboundPort.declared_by'].map(inbound),
  {
    part: 'Endpoints.session_affinity_seconds',
    name: 'sessionAffinity',
    needs: 'heddle.v1.service-policies',
    without: 'isLeftOut',
  },
  {
    part: 'Endpoints.why_none',
    name: 'the reason of having no endpoints',
    needs: 'heddle.v1.service-policies',
    without: 'isLeftOut',
  },
  ...endpointPolicy.map(ofEndpointPolicy),
  ...Object.entries(policies).flatMap(([name, parts]) => parts.map((part) => policy(part, name))),
  // Without it, what no endpoint processed is sent again, as it was before.
  { part: 'Rule.retry_off', name: 'retry', needs: 'heddle.v1.http-route-policies', without: 'isLeftOut' },
  ...['Peer.namespace', 'Peer.pod'].map(peer),
  ...grpcMethod.map((part) => http2(part, 'GRPCRoute')),
  // Before, it was sent as invalid, and an older sidecar asks nobody in it.
  http2('BackendEndpoints.protocol=PROTOCOL_HTTP2', 'a backend that speaks HTTP/2'),
];

/** What an older sidecar passes on as bytes it goes on passing on; what it reads as HTTP/1.1 it must not send to others. */
function http2(part: string, name: string): NewerPart {
  return { part, name, needs: 'heddle.v1.http2', without: 'fails' };
}

/** Who does not know this resource does not ask for it. */
function inbound(part: string): NewerPart {
  return { part, name: 'ports of the pod itself', needs: 'heddle.v1.inbound', without: 'isLeftOut' };
}

/** Without it the defaults hold, as they did before. */
function ofEndpointPolicy(part: string): NewerPart {
  return {
    part,
    name: 'annotations for endpoints',
    needs: 'heddle.v1.endpoint-policy',
    without: 'isLeftOut',
  };
}

/** Nor for this one. */
function peer(part: string): NewerPart {
  return { part, name: 'the pod behind an address', needs: 'heddle.v1.peer', without: 'isLeftOut' };
}

/**
 * Whoever writes one relies on it: a copy that is not made, a limit that is not kept or an origin that is not checked would
 * be missed in silence. A rule that had one answered 500 at these sidecars before, so that no rule fails that once served.
 */
function policy(part: string, name: string): NewerPart {
  return { part, name, needs: 'heddle.v1.http-route-policies', without: 'fails' };
}
