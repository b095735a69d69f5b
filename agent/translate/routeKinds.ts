import type { BackendObjectReference, RouteKind, RouteObject } from '../objects/types.ts';
import { httpPorts } from './httpRoute/ports.ts';
import { listRuleRefs, translateHTTPRoute } from './httpRoute/route.ts';
import type { PortLimits, UnresolvedRoute } from './unresolved.ts';

/** Translates what a route says by itself; the only place that tells the kinds apart, with those below. */
export function translateRoute(route: RouteObject): UnresolvedRoute {
  switch (route.kind) {
    case 'HTTPRoute':
      return translateHTTPRoute(route);
    default:
      return route.kind satisfies never;
  }
}

/** All backendRefs of a route, those of mirrors too. */
export function listBackendRefs(route: RouteObject): readonly BackendObjectReference[] {
  switch (route.kind) {
    case 'HTTPRoute':
      return route.rules.flatMap(listRuleRefs);
    default:
      return route.kind satisfies never;
  }
}

/** What routes of a kind cannot do with a port. */
export const portLimits = { HTTPRoute: httpPorts } as const satisfies Record<RouteKind, PortLimits>;
