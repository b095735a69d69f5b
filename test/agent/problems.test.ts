import test from 'ava';
import { createProblemReport } from '../../agent/problems.ts';
import { createLog } from '../../runtime/log.ts';

type Line = Readonly<Record<string, unknown>>;

function setUp(level: 'debug' | 'info') {
  const lines: Line[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Line);
  const report = createProblemReport(createLog('agent', level, { write, writeAscii() {}, flushSync() {} }));
  return { report, take: (): readonly Line[] => lines.splice(0) };
}

const none: readonly string[] = [];

/** Routes that have one problem each now, and had none before. */
const routes = (count: number, message: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => ({
    key: `HTTPRoute shop/r${index}`,
    before: none,
    after: [message(index)],
  }));

test('a problem is told once, when it appears, and again when it comes back', (t) => {
  const { report, take } = setUp('info');
  const some = routes(1, () => 'odd');
  t.is(report(some), 1);
  t.like(take(), { length: 1, 0: { level: 'warn', object: 'HTTPRoute shop/r0', reason: 'odd' } });
  t.is(report([]), 1);
  t.is(report(some.map(({ key, after }) => ({ key, before: after, after: [...after] }))), 1);
  t.deepEqual(take(), []);
  t.is(report(some.map(({ key, after }) => ({ key, before: after, after: undefined }))), 0);
  report(some);
  t.is(take().length, 1);
});

test('what a thousand routes have in common is one line, and one each at debug', (t) => {
  const problems = routes(1000, () => 'port 90 is not routed');
  const quiet = setUp('info');
  t.is(quiet.report(problems), 1000);
  t.like(quiet.take(), { length: 1, 0: { others: 999, reason: 'port 90 is not routed' } });
  const loud = setUp('debug');
  loud.report(problems);
  t.is(new Set(loud.take().map(({ object }) => object)).size, 1000);
});

test('of very many different problems the first are told, then how many more there are and where to see them', (t) => {
  const problems = routes(1000, (index) => `odd in its own way ${index}`);
  const quiet = setUp('info');
  quiet.report(problems);
  const told = quiet.take();
  t.is(told.length, 11);
  t.like(told.at(-1), { message: 'More configuration problems', problems: 990, objects: 990 });
  t.regex(String(told.at(-1)?.['reason']), /HEDDLE_LOG_LEVEL=debug/);
  const loud = setUp('debug');
  loud.report(problems);
  t.is(new Set(loud.take().flatMap(({ object = [] }) => object)).size, 1000);
});
