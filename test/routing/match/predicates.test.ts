import test from 'ava';
import { compileRoutes } from '../../../routing/match/compile.ts';
import type { MatchRequest } from '../../../routing/match/request.ts';
import type { Match } from '../../../routing/model.ts';
import { equal, exact, like, matchSample, pattern, prefix, requestSample, routeSample } from '../samples.ts';

const path = (value: Match['path']) => matchSample({ path: value });
const header = (...headers: Match['headers']) => matchSample({ headers });
const query = (...queryParams: Match['queryParams']) => matchSample({ queryParams });

const matching: readonly [sentence: string, match: Match, request: MatchRequest][] = [
  ['PathPrefix / matches every path', path(prefix('/')), requestSample('/a/b')],
  ['PathPrefix / matches /', path(prefix('/')), requestSample('/')],
  ['PathPrefix /v2 matches /v2', path(prefix('/v2')), requestSample('/v2')],
  ['PathPrefix /v2 matches /v2/', path(prefix('/v2')), requestSample('/v2/')],
  ['PathPrefix /v2 matches /v2/x', path(prefix('/v2')), requestSample('/v2/x')],
  ['PathPrefix /v2/ matches /v2', path(prefix('/v2/')), requestSample('/v2')],
  ['PathPrefix /v2 matches /v2?x', path(prefix('/v2')), requestSample('/v2?x')],
  ['Exact /a matches /a?b=c', path(exact('/a')), requestSample('/a?b=c')],
  ['RegularExpression ^/a$ matches /a', path(pattern('^/a$')), requestSample('/a')],
  ['RegularExpression /a|/b matches /b', path(pattern('/a|/b')), requestSample('/b')],
  ['RegularExpression (?i)/a matches /A', path(pattern('(?i)/a')), requestSample('/A')],
  ['A header with the value matches', header(equal('x', 'One')), requestSample('/', { x: 'One' })],
  ['A header whose whole value the expression matches', header(like('x', 'O.e')), requestSample('/', { x: 'One' })],
  [
    'A match on the header Host sees the authority',
    header(equal('host', 'a.example')),
    { ...requestSample('/'), authority: 'a.example' },
  ],
  ['An empty header value matches an empty one', header(equal('x', '')), requestSample('/', { x: '' })],
  [
    'Only the first entry for a header name counts',
    header(equal('x', '1'), equal('x', '2')),
    requestSample('/', { x: '1' }),
  ],
  ['A query parameter with the value matches', query(equal('q', '1')), requestSample('/?p=2&q=1')],
  ['A query value is percent-decoded', query(equal('q', 'a b&c')), requestSample('/?q=a+b%26c')],
  ['A query name is percent-decoded', query(equal('q r', '1')), requestSample('/?q%20r=1')],
  ['A UTF-8 query value is decoded', query(equal('q', 'é')), requestSample('/?q=%C3%A9')],
  ['A query value means its UTF-8 bytes', query(equal('São', 'São')), requestSample('/?S%C3%A3o=S%c3%A3o')],
  ['A query expression matches characters, not bytes', query(like('q', 'S.o')), requestSample('/?q=S%C3%A3o')],
  ['A header value means its UTF-8 bytes', header(equal('x', 'São')), requestSample('/', { x: 'S\xc3\xa3o' })],
  ['One of characters beyond 16 bits does', header(equal('x', '🧵')), requestSample('/', { x: '\xf0\x9f\xa7\xb5' })],
  ['A header expression matches characters', header(like('x', 'S.o')), requestSample('/', { x: 'S\xc3\xa3o' })],
  ['It may name them', header(like('x', '[ãé]+')), requestSample('/', { x: '\xc3\xa9\xc3\xa3' })],
  ['It passes over bytes that are no UTF-8', header(like('x', 'a.b')), requestSample('/', { x: 'a\xe9b' })],
  ['A malformed escape is taken as it is', query(equal('q', '%zz+%')), requestSample('/?q=%zz+%')],
  ['A parameter without = has an empty value', query(equal('q', '')), requestSample('/?q')],
  ['The first value of a repeated parameter counts', query(equal('q', '1')), requestSample('/?q=1&q=2')],
  ['A query value may hold =', query(equal('q', 'a=b')), requestSample('/?q=a=b')],
  ['A query expression matches the decoded value', query(like('q', 'a b')), requestSample('/?q=a%20b')],
  ['A method matches', matchSample({ method: 'POST' }), requestSample('/', {}, 'POST')],
];

const notMatching: readonly [sentence: string, match: Match, request: MatchRequest][] = [
  ['PathPrefix /v2 does not match /v2example', path(prefix('/v2')), requestSample('/v2example')],
  ['PathPrefix /v2 does not match /v', path(prefix('/v2')), requestSample('/v')],
  ['PathPrefix /v2 does not match /V2', path(prefix('/v2')), requestSample('/V2')],
  ['PathPrefix /a b does not match /a%20b', path(prefix('/a b')), requestSample('/a%20b')],
  ['PathPrefix /a/b does not match /a//b', path(prefix('/a/b')), requestSample('/a//b')],
  ['Exact /a does not match /a/', path(exact('/a')), requestSample('/a/')],
  ['Exact /a does not match /A', path(exact('/a')), requestSample('/A')],
  ['RegularExpression /a does not match /ab', path(pattern('/a')), requestSample('/ab')],
  ['RegularExpression a does not match /a', path(pattern('a')), requestSample('/a')],
  ['A header value is not its latin1 bytes', header(equal('x', 'São')), requestSample('/', { x: 'S\xe3o' })],
  ['A header expression is not either', header(like('x', 'Sã.*')), requestSample('/', { x: 'S\xe3o' })],
  [
    'A header value is not what its characters are cut down to',
    header(equal('x', '\u0141')),
    requestSample('/', { x: 'A' }),
  ],
  ['A header value is case-sensitive', header(equal('x', 'one')), requestSample('/', { x: 'One' })],
  ['A header that is absent does not match', header(equal('x', '')), requestSample('/')],
  [
    'A match on the header Host does not match a request without one',
    header(like('host', '.*')),
    { ...requestSample('/'), authority: '' },
  ],
  ['An absent header does not match .*', header(like('x', '.*')), requestSample('/')],
  ['A header expression must match the whole value', header(like('x', 'n')), requestSample('/', { x: 'One' })],
  ['All headers must match', header(equal('x', '1'), equal('y', '1')), requestSample('/', { x: '1', y: '2' })],
  ['A second value of a parameter does not match', query(equal('q', '2')), requestSample('/?q=1&q=2')],
  ['A query name is case-sensitive', query(equal('Q', '1')), requestSample('/?q=1')],
  ['An absent query parameter does not match', query(like('q', '.*')), requestSample('/')],
  ['A method is case-sensitive', matchSample({ method: 'GET' }), requestSample('/', {}, 'get')],
];

for (const [sentences, expected] of [
  [matching, true],
  [notMatching, false],
] as const) {
  for (const [sentence, match, request] of sentences) {
    test(sentence, (t) => {
      const compiled = compileRoutes([routeSample([[match]])]);
      t.is(compiled.ok && compiled.matcher.match(request) !== undefined, expected);
    });
  }
}

test('Header fields are not read and the query is not parsed where no candidate needs them', (t) => {
  const compiled = compileRoutes([
    routeSample([
      [matchSample({ path: prefix('/a'), headers: [equal('x', '1')] }), matchSample({ path: prefix('/b') })],
    ]),
  ]);
  let reads = 0;
  const headers = { get: () => `${(reads += 1)}` };
  t.truthy(compiled.ok && compiled.matcher.match({ method: 'GET', path: '/b', query: '%', headers }));
  t.is(reads, 0);
});
