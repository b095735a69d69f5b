import test from 'ava';
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
    const started = process.threadCpuUsage();
    t.false(compiled.expression.testExact(`${'a'.repeat(20_000)}!`));
    const { user, system } = process.threadCpuUsage(started);
    t.true(user + system < 2_000_000, `${pattern}: ${user + system} µs`);
  }
});
