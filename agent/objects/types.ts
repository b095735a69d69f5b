import type { PathModifier } from '../../routing/model.ts';

/**
 * What we keep of each Kubernetes object: only the fields that are read, decoded and checked once.
 * `undefined` is a field that the user left out.
 */
export type Meta = {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | undefined;
  /** 0 when there is none, as in a file. */
  readonly generation: number;
  /** creationTimestamp in milliseconds since the epoch; 0 when there is none. */
  readonly createdAtMs: number;
};

/** One object of a kind that the agent reads. */
export type KubernetesObject = Service | Pod | EndpointSlice | RouteObject | ReferenceGrant;
export type Kind = KubernetesObject['kind'];

/** A route of a kind that is built; what a kind has of its own, its room in `translate/` knows. */
export type BuiltRoute = HTTPRoute | GRPCRoute;
/** The kinds of such routes. */
export const builtKinds = ['HTTPRoute', 'GRPCRoute'] as const satisfies readonly BuiltRoute['kind'][];

/** Kinds of routes that are not built yet: only a status says so. A kind that gets built leaves this list. */
export const unbuiltKinds = ['TLSRoute', 'TCPRoute', 'UDPRoute'] as const;
export type UnbuiltKind = (typeof unbuiltKinds)[number];

/** Of a route of such a kind, whom its status answers. */
export type UnbuiltRoute = {
  [K in UnbuiltKind]: { readonly kind: K; readonly meta: Meta; readonly parentRefs: readonly ParentRef[] };
}[UnbuiltKind];

/** A route of any kind. */
export type RouteObject = BuiltRoute | UnbuiltRoute;
export type RouteKind = RouteObject['kind'];

export const routeKinds: readonly RouteKind[] = [...builtKinds, ...unbuiltKinds];

/** Whether routes of a kind are only told that they are not built. */
export function isUnbuiltKind(kind: Kind): kind is UnbuiltKind {
  return (unbuiltKinds as readonly Kind[]).includes(kind);
}

/** Whether a route is only told that its kind is not built. */
export function isUnbuilt(route: RouteObject): route is UnbuiltRoute {
  return isUnbuiltKind(route.kind);
}

/** Whether an object is a route. */
export function isRoute(object: KubernetesObject): object is RouteObject {
  return (routeKinds as readonly Kind[]).includes(object.kind);
}

export type Service = {
  readonly kind: 'Service';
  readonly meta: Meta;
  readonly type: string;
  /** Canonical addresses; empty for a headless Service and for ExternalName. */
  readonly clusterIPs: readonly string[];
  readonly headless: boolean;
  readonly ports: readonly ServicePort[];
  /** The annotation heddle.dev/opaque-ports as written. */
  readonly opaquePorts: string | undefined;
  /** Its other annotations of heddle.dev/ as written; undefined without any. */
  readonly annotations: Readonly<Record<string, string>> | undefined;
  /** internalTrafficPolicy: Local. */
  readonly isLocal: boolean;
  /** The timeout of sessionAffinity: ClientIP; undefined without. */
  readonly sessionAffinityMs: number | undefined;
  readonly publishNotReadyAddresses: boolean;
  readonly trafficDistribution: string | undefined;
};

export type ServicePort = {
  /** Empty where the only port has no name. */
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly appProtocol: string | undefined;
};

export type Pod = {
  readonly kind: 'Pod';
  readonly meta: Meta;
  /** Canonical addresses; empty once the pod has finished, since its addresses may be another pod's by then. */
  readonly podIPs: readonly string[];
  readonly node: string | undefined;
};

export type EndpointSlice = {
  readonly kind: 'EndpointSlice';
  readonly meta: Meta;
  /** The label kubernetes.io/service-name. */
  readonly service: string | undefined;
  readonly addressType: string;
  readonly ports: readonly { readonly name: string; readonly port: number | undefined; readonly protocol: string }[];
  readonly endpoints: readonly SliceEndpoint[];
};

export type SliceEndpoint = {
  readonly addresses: readonly string[];
  readonly ready: boolean | undefined;
  readonly serving: boolean | undefined;
  readonly terminating: boolean | undefined;
  readonly pod: string | undefined;
  readonly zone: string | undefined;
  readonly node: string | undefined;
  /** Of which zones' and nodes' clients it is said to be for; empty: nothing is said. */
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
};

export type ReferenceGrant = {
  readonly kind: 'ReferenceGrant';
  readonly meta: Meta;
  readonly from: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[];
  readonly to: readonly { readonly group: string; readonly kind: string; readonly name: string | undefined }[];
};

/** What a route of a kind that is built has. */
type RouteOf<K, R> = {
  readonly kind: K;
  readonly meta: Meta;
  readonly parentRefs: readonly ParentRef[];
  readonly hostnames: readonly string[];
  readonly rules: readonly R[];
  /** Fields of spec that we have never heard of: they may concern every rule. */
  readonly unknownFields: readonly string[];
};

export type HTTPRoute = RouteOf<'HTTPRoute', HTTPRouteRule>;
export type GRPCRoute = RouteOf<'GRPCRoute', GRPCRouteRule>;

/** The group that a parentRef without one means. */
export const gatewayGroup = 'gateway.networking.k8s.io';

export type ParentRef = {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly port: number | undefined;
  readonly sectionName: string | undefined;
};

/** What a rule has whatever its kind of route; filters and backendRefs have the same shape in all. */
export type RouteRule<M = unknown> = {
  readonly name: string | undefined;
  readonly matches: readonly M[];
  readonly filters: readonly HTTPRouteFilter[];
  readonly backendRefs: readonly HTTPBackendRef[];
  readonly sessionPersistence: boolean;
  /** Fields that we have never heard of: what they ask for cannot be done. */
  readonly unknownFields: readonly string[];
};

export type HTTPRouteRule = RouteRule<HTTPRouteMatch> & {
  readonly timeouts: HTTPRouteTimeouts | undefined;
  readonly retry: HTTPRouteRetry | undefined;
};

export type GRPCRouteRule = RouteRule<GRPCRouteMatch>;

export type GRPCRouteMatch = {
  /** What is left out or empty matches all; one of the two may be. */
  readonly method: { readonly type: string; readonly service: string; readonly method: string } | undefined;
  readonly headers: readonly NamedMatch[];
  readonly unknownFields: readonly string[];
};

/** Durations as they are written. */
export type HTTPRouteTimeouts = {
  readonly request: string | undefined;
  readonly backendRequest: string | undefined;
  readonly unknownFields: readonly string[];
};

export type HTTPRouteRetry = {
  readonly codes: readonly number[];
  readonly attempts: number;
  readonly backoff: string | undefined;
  readonly unknownFields: readonly string[];
};

export type HTTPRouteMatch = {
  readonly path: { readonly type: string; readonly value: string } | undefined;
  readonly headers: readonly NamedMatch[];
  readonly queryParams: readonly NamedMatch[];
  readonly method: string | undefined;
  readonly unknownFields: readonly string[];
};

export type NamedMatch = { readonly type: string; readonly name: string; readonly value: string };

export type BackendObjectReference = {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly port: number | undefined;
};

export type BackendRef = BackendObjectReference & { readonly weight: number };

export type HTTPBackendRef = BackendRef & {
  readonly filters: readonly HTTPRouteFilter[];
  readonly unknownFields: readonly string[];
};

/** The fields of one filter; which of them is given must agree with `type`. */
export type HTTPRouteFilter = {
  readonly type: string;
  readonly requestHeaderModifier: HTTPHeaderFilter | undefined;
  readonly responseHeaderModifier: HTTPHeaderFilter | undefined;
  readonly requestRedirect: HTTPRequestRedirectFilter | undefined;
  readonly urlRewrite: HTTPURLRewriteFilter | undefined;
  readonly requestMirror: HTTPRequestMirrorFilter | undefined;
  readonly cors: HTTPCORSFilter | undefined;
  /** `Kind.group name` of an extension. */
  readonly extensionRef: string | undefined;
  /** Fields that do not belong to a filter of this type, if it is one that we know. */
  readonly strayFields: readonly string[];
};

export type HTTPHeaderFilter = {
  readonly set: readonly { readonly name: string; readonly value: string }[];
  readonly add: readonly { readonly name: string; readonly value: string }[];
  readonly remove: readonly string[];
  readonly unknownFields: readonly string[];
};

export type HTTPRequestRedirectFilter = {
  readonly scheme: string | undefined;
  readonly hostname: string | undefined;
  readonly port: number | undefined;
  readonly path: HTTPPathModifier | undefined;
  readonly statusCode: number;
  readonly unknownFields: readonly string[];
};

export type HTTPURLRewriteFilter = {
  readonly hostname: string | undefined;
  readonly path: HTTPPathModifier | undefined;
  readonly unknownFields: readonly string[];
};

export type HTTPRequestMirrorFilter = {
  readonly backendRef: BackendObjectReference;
  readonly percent: number | undefined;
  readonly fraction: { readonly numerator: number; readonly denominator: number } | undefined;
  readonly unknownFields: readonly string[];
};

export type HTTPCORSFilter = {
  readonly allowOrigins: readonly string[];
  readonly allowCredentials: boolean;
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  /** Seconds. */
  readonly maxAge: number;
  readonly unknownFields: readonly string[];
};

/** A path modifier of a type that we do not know keeps the name of that type. */
export type HTTPPathModifier = PathModifier | { readonly type: 'Unknown'; readonly name: string };

/** What identifies an object among all: `HTTPRoute shop/cart`. */
export function objectKey(object: { readonly kind: string; readonly meta: Meta }): string {
  return `${object.kind} ${object.meta.namespace}/${object.meta.name}`;
}
