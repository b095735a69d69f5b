import { ruleTitle } from '../explain/outcome.ts';
import { columns } from '../output/columns.ts';
import { percent } from '../output/print.ts';
import { style } from '../output/style.ts';
import type { ListedMatch, ListedPort } from './listRoutes.ts';

/** The ports of a Service for people. */
export function renderRoutes(ports: readonly ListedPort[]): readonly string[] {
  return ports.flatMap((port, index) => [...(index === 0 ? [] : ['']), ...renderPort(port)]);
}

function renderPort({ port, name, protocol, consumers, routes, problems, matches }: ListedPort): readonly string[] {
  const named = name === undefined ? '' : ` (${name})`;
  const rows = [
    ...routes.map((route) => [route.applies ? 'applies' : 'does not', `${route.route}, ${route.why}`]),
    ...problems.map((problem) => [style.bad('problem'), problem]),
    ...(consumers.length === 0
      ? []
      : [['others', `clients in ${consumers.join(', ')} have routes of their own: --from shows them`]]),
  ];
  return [
    style.head(`${port}${named}, ${protocol === 'detect' ? 'protocol not declared' : protocol}`),
    ...columns(rows, '  '),
    ...(matches.length === 0 ? [`  Every request goes to the endpoints of the Service.`] : renderMatches(matches)),
  ];
}

function renderMatches(matches: readonly ListedMatch[]): readonly string[] {
  const severalRoutes = new Set(matches.map(({ route }) => route)).size > 1;
  const rows = matches.map((match, index) => [
    String(index + 1),
    match.matches,
    `${severalRoutes ? `${match.route} ` : ''}${ruleTitle(match)}`,
    [...match.filters, describeBackends(match)].filter((part) => part !== '').join('; '),
  ]);
  return [
    '',
    ...columns([['#', 'MATCHES', 'RULE', 'THEN'].map(style.faint), ...rows], '  '),
    `  Any other request is answered 404${matches.some(isGRPC) ? ', an RPC UNIMPLEMENTED' : ''}.`,
  ].filter((_, index, all) => index < all.length - 1 || !takesAll(matches));
}

/** The last match of all takes what no other does. */
function takesAll(matches: readonly ListedMatch[]): boolean {
  return matches.some((match) => match.matches === 'path prefix /' || match.matches === 'any method');
}

/** Its errors are told to callers of gRPC. */
function isGRPC({ route }: ListedMatch): boolean {
  return route.startsWith('GRPCRoute ');
}

function describeBackends(match: ListedMatch): string {
  const { backends, filters } = match;
  const error = isGRPC(match) ? 'an error' : '500';
  if (backends.length === 0)
    return filters.some((filter) => /^(?:redirects|answers 500)/.test(filter))
      ? ''
      : style.bad(`answered ${isGRPC(match) ? 'by an error' : '500'}: no backend`);
  const all = backends.map(({ backend, share, problem }) => {
    const part = backends.length === 1 ? '' : `${percent(share)} `;
    return problem === undefined
      ? `${part}${backend}`
      : `${part}${style.bad(`${error} instead of ${backend}`)} (${problem})`;
  });
  return all.join(', ');
}
