import type { RouteKind } from '../objects/types.ts';
import type { RouteStatus } from '../translate/result.ts';

/** Group, version and plural of each kind, as far as its status is ours to write. */
const resources = {
  HTTPRoute: { version: 'gateway.networking.k8s.io/v1', plural: 'httproutes' },
  GRPCRoute: { version: 'gateway.networking.k8s.io/v1', plural: 'grpcroutes' },
  TLSRoute: { version: 'gateway.networking.k8s.io/v1', plural: 'tlsroutes' },
  TCPRoute: { version: 'gateway.networking.k8s.io/v1', plural: 'tcproutes' },
  UDPRoute: { version: 'gateway.networking.k8s.io/v1', plural: 'udproutes' },
} as const satisfies Record<RouteKind, unknown>;

/** The apiVersion of a kind of route. */
export function apiVersionOf(kind: RouteKind): string {
  return resources[kind].version;
}

/** Where the API server has a route. */
export function routePath({ kind, namespace, name }: RouteStatus): string {
  const { version, plural } = resources[kind];
  return `/apis/${version}/namespaces/${namespace}/${plural}/${name}`;
}
