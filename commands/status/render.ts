import { columns } from '../output/columns.ts';
import { style } from '../output/style.ts';
import type { Live } from './live.ts';
import type { PodRow } from './pods.ts';
import type { RouteRow } from './routes.ts';
import type { ServiceRow } from './services.ts';

/** More are counted only. */
const shownBehind = 5;

/** Routes for people: a line each, below it what is wrong, and who is behind. */
export function renderRouteRows(rows: readonly RouteRow[]): readonly string[] {
  if (rows.length === 0) return ['There are no routes under Services.'];
  const lines = columns([
    ['ROUTE', 'ACCEPTED', 'RESOLVED', 'LIVE'].map(style.faint),
    ...rows.map(({ route, accepted, resolvedRefs, live }) => [
      route,
      yes(accepted),
      yes(resolvedRefs),
      describeLive(live),
    ]),
  ]);
  return withDetails(
    lines,
    rows.map(({ problems, live }) => [...problems, ...describeBehind(live)]),
  );
}

/** Ports of Services for people. */
export function renderServiceRows(rows: readonly ServiceRow[]): readonly string[] {
  if (rows.length === 0) return ['There are no Services with an address of their own.'];
  const lines = columns([
    ['PORT', 'PROTOCOL', 'ENDPOINTS', 'ROUTES', 'LIVE'].map(style.faint),
    ...rows.map(({ port, protocol, routes, endpoints, live }) => [
      port,
      protocol === 'detect' ? 'not declared' : protocol,
      endpoints.ready === 0
        ? style.bad(`${endpoints.ready} of ${endpoints.all}`)
        : `${endpoints.ready} of ${endpoints.all}`,
      routes.length === 0 ? 'none' : routes.join(', '),
      describeLive(live),
    ]),
  ]);
  return withDetails(
    lines,
    rows.map(({ problems, live }) => [...problems, ...describeBehind(live)]),
  );
}

/** Sidecars for people, each with the ports that its pod uses. */
export function renderPodRows(rows: readonly PodRow[]): readonly string[] {
  if (rows.length === 0) return ['No sidecar has a stream to an agent.'];
  return rows.flatMap(({ pod, agent, node, lacks, uses }, index) => [
    ...(index === 0 ? [] : ['']),
    `${style.head(pod)}, told by ${agent}${node === undefined ? '' : `, on ${node}`}`,
    ...(lacks.length === 0 ? [] : [`  ${style.bad('older')}: it cannot read ${lacks.join(', ')}; restart the pod`]),
    ...(uses.length === 0 ? ['  It has called no Service yet.'] : []),
    ...columns(
      uses.map(({ port, tookMs, behind }) => [
        port,
        behind === undefined ? `live${tookMs === undefined ? '' : `, after ${tookMs} ms`}` : style.bad(behind),
      ]),
      '  ',
    ),
  ]);
}

/** The head, then each line with what there is to say of it below. */
function withDetails(lines: readonly string[], details: readonly (readonly string[])[]): readonly string[] {
  const [head = '', ...rest] = lines;
  const indented = details.map((one) => one.map((detail) => `  ${detail}`));
  return [head, ...rest.flatMap((line, at) => [[line], indented[at] ?? []].flat())];
}

function yes(holds: boolean): string {
  return holds ? 'yes' : style.bad('no');
}

function describeLive(live: Live | undefined): string {
  if (live === undefined) return 'not known';
  if (live.sidecars === 0) return 'no sidecar uses it';
  const counted = `on ${live.live} of ${live.sidecars} ${live.sidecars === 1 ? 'sidecar' : 'sidecars'}`;
  const took = live.p99Ms === undefined ? '' : `, p99 ${live.p99Ms} ms`;
  return `${live.behind.length === 0 ? counted : style.bad(counted)}${took}`;
}

function describeBehind(live: Live | undefined): readonly string[] {
  const behind = live?.behind ?? [];
  const shown = behind.slice(0, shownBehind).map(({ sidecar, why }) => `${sidecar}: ${why}`);
  return behind.length > shownBehind ? [...shown, `and ${behind.length - shownBehind} more`] : shown;
}
