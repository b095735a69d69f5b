import test from 'ava';
import * as fc from 'fast-check';
import { literalsOf } from '../../../routing/match/literals.ts';
import { compileRegularExpression } from '../../../routing/match/regularExpression.ts';

const patterns: readonly [pattern: string, prefix: string, inside: string][] = [
  ['^/users/[0-9]+', '/users/', '/users/'],
  ['/v[0-9]+/orders/.*', '/v', '/orders/'],
  ['.*/users', '', '/users'],
  ['/a\\.b/.*', '/a.b/', '/a.b/'],
  ['/ab*', '/a', '/a'],
  ['/ab?', '/a', '/a'],
  ['/ab{2}', '/a', '/a'],
  ['/ab+c', '/ab', '/ab'],
  ['/a|/b', '', ''],
  ['/a(b|c)def', '/a', 'def'],
  ['/a(?:b|cdef)', '/a', '/a'],
  ['(?i)/a', '', ''],
  ['/a[[:alpha:](]x|y', '', ''],
  ['/a\\d', '/a', '/a'],
  ['/a\\pL', '', ''],
  ['/\\x{41}bc', '', ''],
  ['/a[|(]bcd', '/a', 'bcd'],
  ['/a\\(b', '/a(b', '/a(b'],
  ['.*', '', ''],
];

for (const [pattern, prefix, inside] of patterns) {
  test(`All that ${pattern} matches starts with "${prefix}" and has "${inside}" inside`, (t) => {
    t.deepEqual(literalsOf(pattern), { prefix, inside });
  });
}

test('The literals of any pattern are in every text that it matches', (t) => {
  const pieces = [
    '/',
    'a',
    'b',
    '.',
    '*',
    '?',
    '+',
    '|',
    '(',
    ')',
    '(?:',
    '(?i)',
    '[ab]',
    '[|(]',
    '[^a]',
    '\\.',
    '^',
    '$',
  ];
  const piece = fc.constantFrom(...pieces, '{2}', '{0,1}', '{', '\\d', '\\b', '\\x61', '\\Qa|b\\E');
  const pattern = fc.array(piece, { maxLength: 8 }).map((all) => all.join(''));
  const text = fc
    .array(fc.constantFrom('/', 'a', 'b', 'A', '.', '1', '|', '{'), { maxLength: 6 })
    .map((all) => all.join(''));
  let matched = 0;
  const property = fc.property(pattern, fc.array(text, { minLength: 20, maxLength: 20 }), (given, texts) => {
    const compiled = compileRegularExpression(given);
    if (!compiled.ok) return true;
    const hits = texts.filter((one) => compiled.expression.testExact(one));
    const { prefix, inside } = literalsOf(given);
    matched += hits.length;
    return hits.every((one) => one.startsWith(prefix) && one.includes(inside));
  });
  fc.assert(property, { seed: 20_261_126, numRuns: 10_000 });
  t.true(matched > 1000, `only ${matched} texts matched`);
});
