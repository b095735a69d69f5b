import test from 'ava';
import { findUnmet, type Unmet } from '../../../routing/match/unmet.ts';
import type { Match } from '../../../routing/model.ts';
import { placesOf, whyBefore } from '../../../routing/match/precedence.ts';
import { equal, matchSample, prefix, requestSample, routeSample, rpc } from '../samples.ts';

const rows: readonly (readonly [sentence: string, match: Partial<Match>, unmet: Unmet['type'] | undefined])[] = [
  [
    'A match that holds has nothing unmet',
    { path: prefix('/a'), method: 'GET', headers: [equal('x', '1')] },
    undefined,
  ],
  ['A prefix ends at a segment', { path: prefix('/a/b') }, 'path'],
  ['An Exact path is the whole path', { path: { type: 'Exact', value: '/a' } }, 'path'],
  ['A RegularExpression matches the whole path', { path: { type: 'RegularExpression', value: '/a' } }, 'path'],
  ['The path is asked before the method', { path: prefix('/c'), method: 'PUT' }, 'path'],
  ['The method is asked before headers', { method: 'PUT', headers: [equal('z', '1')] }, 'method'],
  ['A header that is missing', { headers: [equal('x', '1'), equal('z', '1')] }, 'header'],
  ['Headers are asked before the query', { headers: [equal('x', '2')], queryParams: [equal('q', '2')] }, 'header'],
  ['A query parameter of another value', { queryParams: [equal('q', '2')] }, 'query'],
];

for (const [sentence, match, unmet] of rows) {
  test(`What a request does not meet: ${sentence}`, (t) => {
    const [place] = placesOf([routeSample([[matchSample(match)]])]);
    const found = place && findUnmet(place, requestSample('/a/bc?q=1', { x: '1' }));
    t.is(found?.type, unmet);
  });
}

test('What was given is told beside what was wanted', (t) => {
  const [place] = placesOf([routeSample([[matchSample({ headers: [equal('x', '2')] })]])]);
  const wanted = equal('x', '2');
  t.deepEqual(place && findUnmet(place, requestSample('/', { x: '1' })), {
    type: 'header',
    name: 'x',
    wanted,
    given: '1',
  });
  t.deepEqual(place && findUnmet(place, requestSample('/')), { type: 'header', name: 'x', wanted, given: undefined });
});

const orders: readonly (readonly [why: string, first: Partial<Match>, other: Partial<Match>])[] = [
  ['an Exact path goes before', { path: { type: 'Exact', value: '/' } }, { path: prefix('/long'), method: 'GET' }],
  ['its path prefix is longer', { path: prefix('/ab') }, { path: prefix('/a'), method: 'GET' }],
  [
    'what says more of service and method goes first',
    { path: rpc('Exact', 'shop.Cart', 'Add') },
    { path: rpc('Exact', 'shop.Cart'), headers: [equal('x', '1')] },
  ],
  ['its service is longer', { path: rpc('Exact', 'shop.Cart') }, { path: rpc('Exact', 'shop') }],
  ['its method is longer', { path: rpc('Exact', undefined, 'Add') }, { path: rpc('Exact', undefined, 'A') }],
  ['it asks for a method', { method: 'GET' }, { headers: [equal('x', '1'), equal('y', '1')] }],
  ['it asks for more headers', { headers: [equal('x', '1')] }, { queryParams: [equal('x', '1'), equal('y', '1')] }],
  ['it asks for more query parameters', { queryParams: [equal('x', '1')] }, {}],
  ['it stands first among the matches of the rule', {}, {}],
];

for (const [why, first, other] of orders) {
  test(`Why a match goes before another: ${why}`, (t) => {
    const isLast = why.startsWith('it stands');
    const places = placesOf([
      routeSample([isLast ? [first, other].map(matchSample) : [other, first].map(matchSample)]),
    ]);
    const [one, two] = places;
    t.true(one !== undefined && two !== undefined && whyBefore(one, two).startsWith(why));
  });
}
