import test from 'ava';
import { SentBudget, type SentStream } from '../../../agent/discovery/sentBudget.ts';

const megabyte = 1_048_576;

/** A budget of ten megabytes with streams of so many megabytes, as `holder connection: megabytes`. */
function setUp(streams: readonly (readonly [holder: string, connection: string, megabytes: number])[]) {
  const cut: string[] = [];
  const lines: unknown[] = [];
  const log = { warn: (fields: unknown) => void lines.push(fields) };
  const budget = new SentBudget({ log, mostBytes: 10 * megabyte, cut: (connection) => cut.push(connection) });
  for (const [holder, connection, megabytes] of streams) {
    const stream: SentStream = { holder, connection, held: () => megabytes * megabyte };
    budget.add(stream);
  }
  return { budget, cut, lines };
}

async function fill(budget: SentBudget): Promise<void> {
  budget.note(megabyte);
  await Promise.resolve();
}

test('within the budget nobody is cut', async (t) => {
  const { budget, cut } = setUp([
    ['a', 'a1', 6],
    ['b', 'b1', 4],
  ]);
  await fill(budget);
  t.deepEqual(cut, []);
  t.is(budget.bytes, 10 * megabyte);
});

test('who holds most in all is cut, where it holds most, until there is room again', async (t) => {
  const { budget, cut, lines } = setUp([
    ['one', 'o1', 4],
    ['many', 'm1', 1],
    ['many', 'm2', 2],
    ['many', 'm2', 1],
    ['many', 'm3', 2],
    ['few', 'f1', 1],
  ]);
  await fill(budget);
  t.deepEqual(cut, ['m2'], 'two streams of it');
  t.is(budget.cutConnections, 1);
  t.is(budget.bytes, 8 * megabyte);
  t.is(lines.length, 1);
});

test('several are cut where one is not enough, with one line in the log', async (t) => {
  const { budget, cut, lines } = setUp([
    ['a', 'a1', 6],
    ['b', 'b1', 5],
    ['c', 'c1', 4],
    ['d', 'd1', 1],
  ]);
  await fill(budget);
  t.deepEqual(cut, ['a1', 'b1'], 'down to the limit is not enough');
  t.is(budget.bytes, 5 * megabyte);
  t.is(lines.length, 1);
});
