import { type BackendObjectReference, type BuiltRoute, isUnbuilt, type RouteObject } from '../objects/types.ts';
import { httpPorts } from './httpRoute/ports.ts';
import { listRuleRefs, translateHTTPRoute } from './httpRoute/route.ts';
import type { PortLimits, UnresolvedRoute } from './unresolved.ts';

/** Translates what a route says by itself; the only place that tells the kinds apart, with those below. */
export function translateRoute(route: BuiltRoute): UnresolvedRoute {
  switch (route.kind) {
    case 'HTTPRoute':
      return translateHTTPRoute(route);
    default:
      return route.kind satisfies never;
  }
}

/** All backendRefs of a route, those of mirrors too; of one that is not built, none. */
export function listBackendRefs(route: RouteObject): readonly BackendObjectReference[] {
  return isUnbuilt(route) ? [] : route.rules.flatMap(listRuleRefs);
}

/** What routes of a kind cannot do with a port. */
export const portLimits = { HTTPRoute: httpPorts } as const satisfies Record<BuiltRoute['kind'], PortLimits>;
