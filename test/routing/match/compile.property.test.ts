import test from 'ava';
import * as fc from 'fast-check';
import type { Match, PathMatch, Route } from '../../../routing/model.ts';
import { compileRoutes } from '../../../routing/match/compile.ts';
import { matchSample, requestSample, routeSample, rpc } from '../samples.ts';
import { naiveMatch } from './naive.ts';

const word = fc.constantFrom('a', 'a', 'b', 'b', 'ab', 'A', 'a.b', 'x-1');
const path = fc.oneof(
  fc.array(word, { maxLength: 3 }).map((words) => `/${words.join('/')}`),
  fc.array(word, { minLength: 1, maxLength: 2 }).map((words) => `/${words.join('/')}/`),
);
const patterns = fc.constantFrom(
  '/a',
  '/a/.*',
  '^/a/[a-z]+$',
  '/(a|b)/?',
  '/a|/b',
  '.*',
  '.*/b',
  '/a\\.b',
  '/a?b*',
  '/ab+',
  '/x-[0-9]{1,2}/.+',
);
const pathMatch: fc.Arbitrary<PathMatch> = fc.oneof(
  path.map((value): PathMatch => ({ type: 'Exact', value })),
  path.map((value): PathMatch => ({ type: 'PathPrefix', value: value.replace(/(.)\/$/, '$1') })),
  patterns.map((value): PathMatch => ({ type: 'RegularExpression', value })),
);
const grpcMethod: fc.Arbitrary<PathMatch> = fc
  .record({
    by: fc.constantFrom('Exact' as const, 'RegularExpression' as const),
    service: fc.constantFrom(undefined, 'a', 'b', 'a.b', 'ab'),
    method: fc.constantFrom(undefined, 'a', 'b', 'A', 'ab'),
    pattern: fc.constantFrom('.*', '^a$', 'a|b', '[a-z.]+', 'x'),
    where: fc.constantFrom('service', 'method'),
  })
  .map(({ by, service, method: name, pattern, where }) => {
    if (by === 'Exact') return rpc(by, service, name);
    return where === 'service' ? rpc(by, pattern, name) : rpc(by, service, pattern);
  });
const value = fc.oneof(
  fc.record({ type: fc.constant('Exact' as const), value: fc.constantFrom('1', '2', '3', '', 'a b') }),
  fc.record({ type: fc.constant('RegularExpression' as const), value: fc.constantFrom('1|2', '[0-9]+', '.*', 'a.b') }),
);
const condition = fc
  .tuple(fc.constantFrom('x', 'y', 'z'), value)
  .map(([name, given]) => ({ name, type: given.type, value: given.value }));
const conditions = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  { weight: 2, arbitrary: fc.array(condition, { maxLength: 1 }) },
  { weight: 1, arbitrary: fc.array(condition, { maxLength: 3 }) },
);
const method = fc.constantFrom('GET', 'POST', 'PUT');

function matchWith(paths: fc.Arbitrary<PathMatch>): fc.Arbitrary<Match> {
  return fc
    .record({
      path: paths,
      headers: conditions,
      queryParams: conditions,
      method: fc.option(method, { nil: undefined, freq: 2 }),
    })
    .map(({ method: given, ...rest }) => matchSample(given === undefined ? rest : { ...rest, method: given }));
}

function routesWith(paths: fc.Arbitrary<PathMatch>): fc.Arbitrary<Route[]> {
  const rules = fc.array(fc.array(matchWith(paths), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });
  const route = fc
    .record({ rules, createdAtMs: fc.integer({ min: 0, max: 2 }), namespace: fc.constantFrom('n', 'm') })
    .map(({ rules: matches, ...parts }) => ({ matches, parts }));
  return fc
    .array(route, { maxLength: 5 })
    .map((routes) =>
      routes.map(({ matches, parts }, index) => routeSample(matches, { ...parts, name: `r${9 - index}` })),
    );
}

const pairs = fc.array(fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.constantFrom('1', '2', '3', '', 'a+b', 'a%20b')), {
  maxLength: 4,
});
const request = fc
  .record({
    path,
    method,
    pairs,
    headers: fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.constantFrom('1', '2', 'a b')),
  })
  .map((parts) => {
    const query = parts.pairs.map(([name, given]) => `${name}=${given}`).join('&');
    return requestSample(query === '' ? parts.path : `${parts.path}?${query}`, parts.headers, parts.method);
  });
const requests = fc.array(request, { minLength: 30, maxLength: 30 });

const shapes: readonly [shape: string, paths: fc.Arbitrary<PathMatch>][] = [
  ['paths of all kinds', pathMatch],
  ['services and methods', grpcMethod],
  ['services and methods beside paths', fc.oneof(grpcMethod, pathMatch)],
  ['one path for all', fc.constant({ type: 'PathPrefix', value: '/' } as const)],
  ['regular expressions only', patterns.map((given) => ({ type: 'RegularExpression', value: given }) as const)],
];

for (const [shape, paths] of shapes) {
  test(`The compiled matcher chooses what trying every match chooses: ${shape}, 6,000 cases`, (t) => {
    let matched = 0;
    const property = fc.property(routesWith(paths), requests, (routes, given) => {
      const compiled = compileRoutes(routes);
      if (!compiled.ok) throw new Error(compiled.message);
      for (const one of given) {
        const chosen = compiled.matcher.match(one);
        const naive = naiveMatch(routes, one);
        const found = chosen && {
          route: chosen.route,
          rule: chosen.rule.index,
          match: chosen.rule.matches.indexOf(chosen.match),
        };
        if (found?.route !== naive?.route || found?.rule !== naive?.rule || found?.match !== naive?.match) {
          throw new Error(`chose ${JSON.stringify(found)}, not ${JSON.stringify(naive)} for ${JSON.stringify(one)}`);
        }
        if (found !== undefined) matched += 1;
      }
    });
    fc.assert(property, { seed: 20_261_126, numRuns: 200 });
    t.true(matched > 1000, `only ${matched} requests matched anything`);
  });
}
