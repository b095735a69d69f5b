import type { Logger } from '../runtime/log.ts';
import type { PassedBy } from './discovery/passedBy.ts';

/** So many sidecars are named of one route, and so many routes are told in full at a time. */
const named = 10;
const toldInFull = 10;

/** What is told of a route is told again so often, for as long as it holds: Kubernetes keeps an Event for an hour. */
const againMs = 3_000_000;

type Told = { readonly passed: PassedBy; readonly atMs: number };

/** The sidecars in words: `2 sidecars: shop/a, shop/b`. */
export function sidecarsInWords(sidecars: readonly string[]): string {
  const more = sidecars.length - named;
  const count = sidecars.length === 1 ? '1 sidecar' : `${sidecars.length} sidecars`;
  return `${count}: ${sidecars.slice(0, named).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/**
 * Returns what takes the routes that older sidecars pass by, as they are now: the log and `tell` hear of a route when there
 * are sidecars that they did not hear of before, and once there are none any more, then `tell` without sidecars.
 */
export function createPassedByReport(
  log: Logger,
  tell: (passed: PassedBy) => void,
): (now: ReadonlyMap<string, PassedBy>, nowMs: number) => void {
  const told = new Map<string, Told>();
  return (now, nowMs) => {
    const fresh: [string, PassedBy][] = [];
    for (const [name, passed] of now) {
      const before = told.get(name);
      const known = new Set(before?.passed.sidecars);
      const isFresh = passed.sidecars.some((one) => !known.has(one));
      const isTold = before !== undefined && !isFresh && nowMs - before.atMs < againMs;
      told.set(name, { passed, atMs: isTold ? before.atMs : nowMs });
      if (!isTold) tell(passed);
      if (isFresh) fresh.push([name, passed]);
    }
    for (const [route, { sidecars }] of fresh.slice(0, toldInFull))
      log.warn({ route, reason: sidecarsInWords(sidecars) }, 'Older sidecars pass a route by: restart their pods');
    const more = fresh.slice(toldInFull).map(([name]) => name);
    if (more.length > 0)
      log.warn({ routes: more.length, first: more[0] }, 'Older sidecars pass more routes by: restart their pods');
    const gone = [...told].filter(([name]) => !now.has(name));
    for (const [name, { passed }] of gone) {
      told.delete(name);
      tell({ ...passed, sidecars: [] });
    }
    for (const [route] of gone.slice(0, toldInFull))
      log.info({ route }, 'No older sidecar passes the route by any more');
    if (gone.length > toldInFull)
      log.info({ routes: gone.length - toldInFull }, 'No older sidecar passes more routes by any more');
  };
}
