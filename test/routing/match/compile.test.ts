import test from 'ava';
import type { Match, Route } from '../../../routing/model.ts';
import { type RouteMatcher, compileRoutes } from '../../../routing/match/compile.ts';
import type { MatchRequest } from '../../../routing/match/request.ts';
import { equal, exact, like, matchSample, pattern, prefix, requestSample, routeSample, rpc } from '../samples.ts';

function matcherOf(routes: readonly Route[]): RouteMatcher {
  const compiled = compileRoutes(routes);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.matcher;
}

type Winner = {
  readonly sentence: string;
  readonly wins: Match;
  readonly loses: Match;
  readonly request: MatchRequest;
};

/** A call of `Add` of `shop.Cart`, with header fields. */
function call(headers: Readonly<Record<string, string>> = {}): MatchRequest {
  return requestSample('/shop.Cart/Add', headers, 'POST');
}

const more = [equal('x', '1'), equal('y', '1')];
const calls: readonly Winner[] = [
  {
    sentence: 'Service and method go before the service alone with headers',
    wins: matchSample({ path: rpc('Exact', 'shop.Cart', 'Add') }),
    loses: matchSample({ path: rpc('Exact', 'shop.Cart'), headers: more }),
    request: call({ x: '1', y: '1' }),
  },
  {
    sentence: 'A service goes before a method with headers',
    wins: matchSample({ path: rpc('Exact', 'shop.Cart') }),
    loses: matchSample({ path: rpc('Exact', undefined, 'Add'), headers: more }),
    request: call({ x: '1', y: '1' }),
  },
  {
    sentence: 'A method goes before any rpc with headers',
    wins: matchSample({ path: rpc('Exact', undefined, 'Add') }),
    loses: matchSample({ path: rpc('Exact'), headers: more }),
    request: call({ x: '1', y: '1' }),
  },
  {
    sentence: 'A method matches where the headers for its service do not hold',
    wins: matchSample({ path: rpc('Exact', undefined, 'Add') }),
    loses: matchSample({ path: rpc('Exact', 'shop.Cart'), headers: more }),
    request: call({ x: '1' }),
  },
  {
    sentence: 'An Exact service goes before an expression that is longer',
    wins: matchSample({ path: rpc('Exact', 'shop.Cart') }),
    loses: matchSample({ path: rpc('RegularExpression', 'shop[.]Cart(|V2)', 'Add') }),
    request: call(),
  },
  {
    sentence: 'The longer expression for a service goes first, whatever the method is asked for',
    wins: matchSample({ path: rpc('RegularExpression', 'shop[.].*') }),
    loses: matchSample({ path: rpc('RegularExpression', 'shop.*', 'A.*dd*') }),
    request: call(),
  },
  {
    sentence: 'An expression for a service goes before an Exact method',
    wins: matchSample({ path: rpc('RegularExpression', '.*') }),
    loses: matchSample({ path: rpc('Exact', undefined, 'Add'), headers: more }),
    request: call({ x: '1', y: '1' }),
  },
  {
    sentence: 'Expressions for service and method may be anchored and do not reach into each other',
    wins: matchSample({ path: rpc('RegularExpression', '^shop.Cart$', '^Add$') }),
    loses: matchSample({ path: rpc('RegularExpression', 'shop.Cart/Add', '.*') }),
    request: call(),
  },
  {
    sentence: 'Of equal services the one with more headers goes first',
    wins: matchSample({ path: rpc('Exact', 'shop.Cart'), headers: more }),
    loses: matchSample({ path: rpc('Exact', 'shop.Cart'), headers: [equal('x', '1')] }),
    request: call({ x: '1', y: '1' }),
  },
  {
    sentence: 'A service is not the beginning of another',
    wins: matchSample({ path: rpc('Exact') }),
    loses: matchSample({ path: rpc('Exact', 'shop') }),
    request: call(),
  },
  {
    sentence: 'Service and method are case-sensitive',
    wins: matchSample({ path: rpc('Exact', 'shop.Cart') }),
    loses: matchSample({ path: rpc('Exact', 'shop.Cart', 'add') }),
    request: call(),
  },
];

const winners: readonly Winner[] = [
  ...calls,
  {
    sentence: 'An Exact path goes before a PathPrefix with a method, headers and query parameters',
    wins: matchSample({ path: exact('/a') }),
    loses: matchSample({
      path: prefix('/a'),
      method: 'GET',
      headers: [equal('x', '1')],
      queryParams: [equal('q', '1')],
    }),
    request: requestSample('/a?q=1', { x: '1' }),
  },
  {
    sentence: 'A longer PathPrefix goes before a shorter one with more conditions',
    wins: matchSample({ path: prefix('/a/b') }),
    loses: matchSample({ path: prefix('/a'), method: 'GET', headers: [equal('x', '1'), equal('y', '1')] }),
    request: requestSample('/a/b/c', { x: '1', y: '1' }),
  },
  {
    sentence: 'A shorter PathPrefix matches when the other conditions of the longer one do not hold',
    wins: matchSample({ path: prefix('/a') }),
    loses: matchSample({ path: prefix('/a/b'), headers: [equal('x', '1')] }),
    request: requestSample('/a/b/c', { x: '2' }),
  },
  {
    sentence: 'A PathPrefix matches when the other conditions of the Exact path do not hold',
    wins: matchSample({ path: prefix('/') }),
    loses: matchSample({ path: exact('/a'), method: 'POST' }),
    request: requestSample('/a'),
  },
  {
    sentence: 'A PathPrefix goes before a RegularExpression',
    wins: matchSample({ path: prefix('/') }),
    loses: matchSample({ path: pattern('/a/b'), method: 'GET' }),
    request: requestSample('/a/b'),
  },
  {
    sentence: 'A RegularExpression matches when no PathPrefix does',
    wins: matchSample({ path: pattern('/a/[0-9]+') }),
    loses: matchSample({ path: prefix('/b') }),
    request: requestSample('/a/17'),
  },
  {
    sentence: 'With equal paths a method goes before headers',
    wins: matchSample({ method: 'GET' }),
    loses: matchSample({ headers: [equal('x', '1'), equal('y', '1')] }),
    request: requestSample('/', { x: '1', y: '1' }),
  },
  {
    sentence: 'With equal paths and methods more headers go before more query parameters',
    wins: matchSample({ headers: [equal('x', '1')] }),
    loses: matchSample({ queryParams: [equal('p', '1'), equal('q', '1')] }),
    request: requestSample('/?p=1&q=1', { x: '1' }),
  },
  {
    sentence: 'Two headers go before one',
    wins: matchSample({ headers: [equal('x', '1'), like('y', '[0-9]')] }),
    loses: matchSample({ headers: [equal('x', '1')] }),
    request: requestSample('/', { x: '1', y: '1' }),
  },
  {
    sentence: 'A header named twice counts as one header',
    wins: matchSample({ headers: [equal('x', '1'), equal('y', '1')] }),
    loses: matchSample({ headers: [equal('x', '1'), equal('x', '2'), equal('x', '3')] }),
    request: requestSample('/', { x: '1', y: '1' }),
  },
  {
    sentence: 'Two query parameters go before one',
    wins: matchSample({ queryParams: [equal('p', '1'), like('q', '.')] }),
    loses: matchSample({ queryParams: [equal('p', '1')] }),
    request: requestSample('/?p=1&q=1'),
  },
];

for (const { sentence, wins, loses, request } of winners) {
  test(`${sentence}, whichever comes first`, (t) => {
    t.is(matcherOf([routeSample([[wins], [loses]])]).match(request)?.match, wins);
    t.is(matcherOf([routeSample([[loses], [wins]])]).match(request)?.match, wins);
    t.is(matcherOf([routeSample([[loses, wins]])]).match(request)?.match, wins);
    t.is(matcherOf([routeSample([[loses]], { name: 'a' }), routeSample([[wins]])]).match(request)?.match, wins);
  });
}

const ties: readonly [sentence: string, wins: Partial<Route>, loses: Partial<Route>][] = [
  ['The older route wins a tie', { name: 'z', createdAtMs: 1 }, { name: 'a', createdAtMs: 2 }],
  ['Of routes of one age the first namespace wins', { namespace: 'a', name: 'z' }, { namespace: 'b', name: 'a' }],
  ['Of routes of one age and namespace the first name wins', { name: 'a' }, { name: 'b' }],
];

for (const [sentence, wins, loses] of ties) {
  test(`${sentence}, whichever comes first`, (t) => {
    const winner = routeSample([[matchSample()]], wins);
    const loser = routeSample([[matchSample()]], loses);
    t.is(matcherOf([winner, loser]).match(requestSample('/'))?.route, winner);
    t.is(matcherOf([loser, winner]).match(requestSample('/'))?.route, winner);
  });
}

test('Within a route the rule written first wins a tie, whatever the order of the list', (t) => {
  const route = routeSample([[matchSample()], [matchSample()]]);
  t.is(matcherOf([route]).match(requestSample('/'))?.rule.index, 0);
  t.is(matcherOf([{ ...route, rules: route.rules.toReversed() }]).match(requestSample('/'))?.rule.index, 0);
});

test('Within a rule the match written first wins a tie', (t) => {
  const [first, second] = [matchSample({ path: pattern('/a.*') }), matchSample({ path: pattern('/.*') })];
  t.is(matcherOf([routeSample([[first, second]])]).match(requestSample('/ab'))?.match, first);
  t.is(matcherOf([routeSample([[second, first]])]).match(requestSample('/ab'))?.match, second);
});

test('The prefix / has every request, OPTIONS * too, and no other prefix has that', (t) => {
  const star = requestSample('*', {}, 'OPTIONS');
  const every = matchSample();
  t.is(matcherOf([routeSample([[every], [matchSample({ path: prefix('/a') })]])]).match(star)?.match, every);
  t.is(matcherOf([routeSample([[matchSample({ path: prefix('/a') })]])]).match(star), undefined);
});

test('No routes match nothing', (t) => {
  t.is(matcherOf([]).match(requestSample('/')), undefined);
});

test('The same frozen object comes back for every request', (t) => {
  const matcher = matcherOf([routeSample([[matchSample()]])]);
  const matched = matcher.match(requestSample('/a'));
  t.true(Object.isFrozen(matched));
  t.is(matcher.match(requestSample('/b')), matched);
});

test('The explanation names every condition', (t) => {
  const match = matchSample({
    path: prefix('/api'),
    method: 'GET',
    headers: [equal('x-canary', '1'), like('x-user', 'a.*')],
    queryParams: [equal('page', '2')],
  });
  const matched = matcherOf([routeSample([[match]])]).match(
    requestSample('/api?page=2', { 'x-canary': '1', 'x-user': 'ann' }),
  );
  t.is(
    matched?.explanation,
    'path prefix /api and method GET and header x-canary = 1 and header x-user matching a.* and query page = 2',
  );
});

function explain(match: Match): string | undefined {
  return matcherOf([routeSample([[match]])]).match(call({ x: '1' }))?.explanation;
}

test('The explanation of a method names what it asks for', (t) => {
  t.is(explain(matchSample({ path: rpc('Exact', 'shop.Cart', 'Add') })), 'service shop.Cart and method Add');
  t.is(explain(matchSample({ path: rpc('Exact', undefined, 'Add') })), 'method Add');
  t.is(
    explain(matchSample({ path: rpc('RegularExpression', 'shop.*', 'A.*'), headers: [equal('x', '1')] })),
    'service matching shop.* and method matching A.* and header x = 1',
  );
  t.is(explain(matchSample({ path: rpc('Exact') })), 'any method');
});

test('A wrong regular expression is refused with its route, rule and what to do', (t) => {
  const good = matchSample();
  const compiled = compileRoutes([routeSample([[good], [good, matchSample({ headers: [like('x-user', 'a(')] })]])]);
  t.deepEqual(compiled, {
    ok: false,
    message:
      'HTTPRoute shop/cart rule 1: header x-user regular expression "a(": missing closing ): `a(`; use RE2 syntax (https://github.com/google/re2/wiki/Syntax)',
  });
});
