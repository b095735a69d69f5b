/**
 * Nanoseconds per match for 5, 50 and 500 rules in the shapes that routes have. Paths are cut from a longer string for
 * each request, as they are from a request's head, so that no hash of theirs is remembered.
 */
import { parseArgs } from 'node:util';
import type { Match } from '../../routing/model.ts';
import { type RouteMatcher, compileRoutes } from '../../routing/match/compile.ts';
import type { MatchRequest } from '../../routing/match/request.ts';
import { equal, exact, matchSample, pattern, prefix, requestSample, routeSample } from '../routing/samples.ts';

type Shape = {
  readonly title: string;
  readonly matchOf: (index: number) => Match;
  readonly requestOf: (index: number) => MatchRequest;
};

const shapes: readonly Shape[] = [
  {
    title: 'exact path',
    matchOf: (index) => matchSample({ path: exact(`/shop/items/${index}`) }),
    requestOf: (index) => requestSample(`/shop/items/${index}`),
  },
  {
    title: 'path prefix',
    matchOf: (index) => matchSample({ path: prefix(`/shop/service-${index}`) }),
    requestOf: (index) => requestSample(`/shop/service-${index}/items/42?page=2`),
  },
  {
    title: 'one path, header values',
    matchOf: (index) => matchSample({ headers: [equal('x-tenant', `tenant-${index}`)] }),
    requestOf: (index) => requestSample('/shop/items/42', { 'x-tenant': `tenant-${index}`, accept: '*/*' }),
  },
  {
    title: 'one path, header names',
    matchOf: (index) => matchSample({ headers: [equal(`x-tenant-${index}`, '1')] }),
    requestOf: (index) => requestSample('/shop/items/42', { [`x-tenant-${index}`]: '1', accept: '*/*' }),
  },
  {
    title: 'one path, methods and header values',
    matchOf: (index) =>
      matchSample({ method: index % 2 === 0 ? 'GET' : 'POST', headers: [equal('x-tenant', `tenant-${index >> 1}`)] }),
    requestOf: (index) =>
      requestSample('/shop/items', { 'x-tenant': `tenant-${index >> 1}` }, index % 2 === 0 ? 'GET' : 'POST'),
  },
  {
    title: 'one path, query parameters',
    matchOf: (index) => matchSample({ queryParams: [equal('tenant', `${index}`)] }),
    requestOf: (index) => requestSample(`/shop/items?page=2&tenant=${index}`),
  },
  {
    title: 'regular expression',
    matchOf: (index) => matchSample({ path: pattern(`/shop/service-${index}/[0-9]+/.*`) }),
    requestOf: (index) => requestSample(`/shop/service-${index}/42/items`),
  },
  {
    title: 'regular expression that starts with .*',
    matchOf: (index) => matchSample({ path: pattern(`.*/service-${index}`) }),
    requestOf: (index) => requestSample(`/shop/service-${index}`),
  },
];

const nothing: RouteMatcher = {
  match: ({ path }) => (path.length < 0 ? undefined : found),
};
const found = Object.freeze({
  route: routeSample([]),
  rule: { index: 0, matches: [], filters: [], backends: [] },
  match: matchSample(),
  explanation: '',
});

const counts = [5, 50, 500];

const { values } = parseArgs({ options: { matches: { type: 'string', default: '50000' } } });
process.stdout.write(`${'ns per match'.padEnd(40)}${counts.map((count) => `${count} rules`.padStart(12)).join('')}\n`);
for (const shape of shapes) {
  const cells = counts.map((count) => measure(shape, count, Number(values.matches)).toFixed(0).padStart(12));
  process.stdout.write(`${shape.title.padEnd(40)}${cells.join('')}\n`);
}

/** The best of five rounds, less the best that making the request's strings costs. */
function measure(shape: Shape, count: number, matches: number): number {
  const indexes = Array.from({ length: count }, (_, index) => index);
  const compiled = compileRoutes([routeSample(indexes.map((index) => [shape.matchOf(index)]))]);
  if (!compiled.ok) throw new Error(compiled.message);
  const requests = indexes.map(shape.requestOf);
  const fastest = (matcher: RouteMatcher) =>
    Math.min(...Array.from({ length: 5 }, () => timeRound(requests, matches, matcher)));
  return fastest(compiled.matcher) - fastest(nothing);
}

function timeRound(requests: readonly MatchRequest[], matches: number, matcher: RouteMatcher): number {
  const heads = requests.map(({ path }) => `GET ${path} HTTP/1.1`);
  const started = process.hrtime.bigint();
  for (let turn = 0; turn < matches; turn += 1) {
    const index = turn % requests.length;
    const { method, query, headers } = requests[index] ?? requestSample('/');
    const head = heads[index] ?? '';
    const path = head.slice(4, head.length - 9);
    if (matcher.match({ method, path, query, headers }) === undefined) throw new Error(`no match for ${path}`);
  }
  return Number(process.hrtime.bigint() - started) / matches;
}
