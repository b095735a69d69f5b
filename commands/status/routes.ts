import type { StreamState } from '../../agent/discovery/deliveries.ts';
import { compareText } from '../../agent/translate/compare.ts';
import { routeName } from '../../routing/model.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { type Audience, type Live, liveAt } from './live.ts';

/** A route as it stands: what became of it at each parent, and where it is in force. */
export type RouteRow = {
  /** `HTTPRoute shop/cart`. */
  readonly route: string;
  readonly accepted: boolean;
  readonly resolvedRefs: boolean;
  /** What conditions and problems say. */
  readonly problems: readonly string[];
  /** Left out: no agent could be asked. */
  readonly live?: Live;
};

/** Every route that has a Service as parent, by name; `streams` is undefined where no agent could be asked. */
export function routeRows(mesh: Mesh, streams: readonly StreamState[] | undefined): readonly RouteRow[] {
  const audiences = audiencesByRoute(mesh);
  return [...mesh.statuses]
    .filter(([, { parents, mistakes = [] }]) => parents.length > 0 || mistakes.length > 0)
    .map(([route, { parents, mistakes = [] }]) => {
      const conditions = parents.flatMap((parent) => parent.conditions);
      const holds = (type: string): boolean =>
        conditions.every((condition) => condition.type !== type || condition.status);
      const wrong = conditions.filter(({ type, status }) => (type === 'PartiallyInvalid') === status);
      const row: RouteRow = {
        route,
        accepted: parents.length > 0 && holds('Accepted'),
        resolvedRefs: holds('ResolvedRefs'),
        problems: [
          ...new Set([
            ...wrong.map(({ reason, message }) => `${reason}: ${message}`),
            ...mistakes,
            ...(mesh.problems.get(route) ?? []),
          ]),
        ],
      };
      return streams === undefined ? row : Object.assign(row, { live: liveAt(streams, audiences.get(route) ?? []) });
    })
    .toSorted(
      (one, other) => compareText(nameOf(one.route), nameOf(other.route)) || compareText(one.route, other.route),
    );
}

function nameOf(route: string): string {
  return route.slice(route.indexOf(' ') + 1);
}

/** Whose sidecars are told of a route. */
function audiencesByRoute({ ports }: Mesh): ReadonlyMap<string, readonly Audience[]> {
  const found = new Map<string, Audience[]>();
  for (const port of ports.values())
    for (const [clientNamespace, routing] of port.routings)
      for (const key of new Set(routing.routes.map(routeName))) {
        const audiences = found.get(key) ?? [];
        found.set(key, audiences);
        audiences.push({ port, clientNamespace });
      }
  return found;
}
