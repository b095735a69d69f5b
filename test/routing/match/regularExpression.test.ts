import test from 'ava';
import * as fc from 'fast-check';
import { literalPrefix } from '../../../routing/match/literalPrefix.ts';
import { checkRegularExpression, compileRegularExpression } from '../../../routing/match/regularExpression.ts';

const wrong: readonly [pattern: string, says: RegExp][] = [
  ['(', /missing closing \).*use RE2 syntax/],
  ['a{2,1}', /invalid repeat count/],
  ['(?=a)', /unsupported Perl syntax/],
  ['\\1', /invalid escape sequence/],
  ['a'.repeat(1025), /1025 characters; use at most 1024/],
  ['((a{0,30}){0,30}){0,2}', /instructions, more than 1100; use smaller repeat counts|invalid repeat count/],
  ['(?:'.repeat(341), /missing closing/],
];

for (const [pattern, says] of wrong) {
  test(`The pattern ${pattern.slice(0, 30)} is refused with what to do`, (t) => {
    t.regex(checkRegularExpression(pattern) ?? '', says);
  });
}

test('A good pattern is not complained about, at the longest too', (t) => {
  t.is(checkRegularExpression('^/users/[0-9]+$'), undefined);
  t.is(checkRegularExpression('a'.repeat(1024)), undefined);
});

test('Time grows in line with the text for patterns that stall a backtracking engine', (t) => {
  for (const pattern of ['(a+)+', '(a|a)*', '(a|b|ab)*c', '(.*)(.*)(.*)x']) {
    const compiled = compileRegularExpression(pattern);
    if (!compiled.ok) throw new Error(compiled.message);
    const started = performance.now();
    t.false(compiled.expression.testExact(`${'a'.repeat(20_000)}!`));
    t.true(performance.now() - started < 2000, pattern);
  }
});

const prefixes: readonly [pattern: string, prefix: string][] = [
  ['^/users/[0-9]+', '/users/'],
  ['/a\\.b/.*', '/a.b/'],
  ['/ab*', '/a'],
  ['/ab?', '/a'],
  ['/ab{2}', '/a'],
  ['/ab+c', '/ab'],
  ['/a|/b', ''],
  ['/a(b|c)', '/a'],
  ['(?i)/a', ''],
  ['/a[[:alpha:](]x|y', ''],
  ['/a\\d', '/a'],
  ['/a[|]b', '/a'],
  ['.*', ''],
];

for (const [pattern, prefix] of prefixes) {
  test(`Everything that ${pattern} matches starts with "${prefix}"`, (t) => t.is(literalPrefix(pattern), prefix));
}

test('The literal prefix of any pattern is one of every text that it matches', (t) => {
  const piece = fc.constantFrom(
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
    '[ab]',
    '[|(]',
    '\\.',
    '^',
    '$',
    '{2}',
    '\\d',
  );
  const pattern = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
  const text = fc
    .array(fc.constantFrom('/', 'a', 'b', '.', '1', '|', '('), { maxLength: 6 })
    .map((all) => all.join(''));
  let matched = 0;
  const property = fc.property(pattern, fc.array(text, { minLength: 20, maxLength: 20 }), (given, texts) => {
    const compiled = compileRegularExpression(given);
    if (!compiled.ok) return true;
    const hits = texts.filter((one) => compiled.expression.testExact(one));
    matched += hits.length;
    return hits.every((one) => one.startsWith(literalPrefix(given)));
  });
  fc.assert(property, { numRuns: 5000 });
  t.true(matched > 500, `only ${matched} texts matched`);
});
