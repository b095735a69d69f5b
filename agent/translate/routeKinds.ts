import {
  type BackendObjectReference,
  type BuiltRoute,
  isUnbuilt,
  type RouteObject,
  type RouteRule,
} from '../objects/types.ts';
import { grpcPorts } from './grpcRoute/ports.ts';
import { translateGRPCRoute } from './grpcRoute/route.ts';
import { httpPorts } from './httpRoute/ports.ts';
import { translateHTTPRoute } from './httpRoute/route.ts';
import { listRuleRefs } from './rules/resolve.ts';
import type { PortLimits, UnresolvedRoute } from './unresolved.ts';

/** Translates what a route says by itself; the only place that tells the kinds apart, with those below. */
export function translateRoute(route: BuiltRoute): UnresolvedRoute {
  switch (route.kind) {
    case 'HTTPRoute':
      return translateHTTPRoute(route);
    case 'GRPCRoute':
      return translateGRPCRoute(route);
    default:
      return route satisfies never;
  }
}

/** All backendRefs of a route, those of mirrors too; of one that is not built, none. */
export function listBackendRefs(route: RouteObject): readonly BackendObjectReference[] {
  const rules: readonly RouteRule[] = isUnbuilt(route) ? [] : route.rules;
  return rules.flatMap(listRuleRefs);
}

/** What routes of a kind cannot do with a port. */
export const portLimits = {
  HTTPRoute: httpPorts,
  GRPCRoute: grpcPorts,
} as const satisfies Record<BuiltRoute['kind'], PortLimits>;
