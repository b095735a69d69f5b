import { type Route, routeName, type ServiceRouting } from '../../routing/model.ts';
import type { Capability } from '../../routing/wire/capabilities.ts';
import { compareText } from '../translate/compare.ts';

/** A route of which nothing else of what it says is looked at here. */
export type NamedRoute = Pick<Route, 'kind' | 'namespace' | 'name'>;

/** A route, and the sidecars that send what it is for on without it, by name. */
export type PassedBy = { readonly route: NamedRoute; readonly sidecars: readonly string[] };

const needed: Capability = 'heddle.v1.http2';

/**
 * The routes of a port of which a sidecar that lacks these capabilities does nothing, though it is sent them: it passes
 * HTTP/2 on as bytes, which is all that a port speaks that is declared so, and all that a GRPCRoute is for.
 */
export function routesPassedBy(
  { protocol, routes }: ServiceRouting,
  lacks: ReadonlySet<string>,
): readonly NamedRoute[] {
  if (!lacks.has(needed)) return [];
  return protocol === 'http2' ? routes : routes.filter(({ kind }) => kind === 'GRPCRoute');
}

/** One sidecar, and the routes that it passes by. */
export type Passing = { readonly sidecar: string; readonly routes: Iterable<NamedRoute> };

/** All that is passed by, by the route's name. */
export function collectPassedBy(passing: Iterable<Passing>): ReadonlyMap<string, PassedBy> {
  const found = new Map<string, { readonly route: NamedRoute; readonly sidecars: Set<string> }>();
  for (const { sidecar, routes } of passing) {
    for (const route of routes) {
      const name = routeName(route);
      const known = found.get(name) ?? { route, sidecars: new Set() };
      known.sidecars.add(sidecar);
      found.set(name, known);
    }
  }
  return new Map(
    [...found].map(([name, { route, sidecars }]) => [name, { route, sidecars: [...sidecars].toSorted(compareText) }]),
  );
}
