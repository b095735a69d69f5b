import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { TokenBucket } from '../../../runtime/tokenBucket.ts';
import { WorkQueue } from '../../../agent/status/workQueue.ts';

test('a key is never worked on twice at a time, and no more keys than allowed', async (t) => {
  const active = new Map<string, () => void>();
  const runs: string[] = [];
  let most = 0;
  const queue = new WorkQueue(3, async (key) => {
    t.false(active.has(key));
    runs.push(key);
    await new Promise<void>((resolve) => {
      active.set(key, resolve);
      most = Math.max(most, active.size);
    });
    active.delete(key);
  });
  for (const key of 'abcdefgh') queue.add(key);
  t.deepEqual(runs, ['a', 'b', 'c']);
  // Under way: once more afterwards. Waiting: still once only.
  for (const key of 'abcdefgh') queue.add(key);
  while (active.size > 0) {
    for (const end of active.values()) end();
    await sleep(1);
  }
  await queue.idle();
  t.is(most, 3);
  t.is(queue.size, 0);
  t.deepEqual(runs.toSorted().join(''), 'aabbccdefgh');
});

test('a delayed key comes once, earlier if it is added, never after a clear', async (t) => {
  const runs: string[] = [];
  const queue = new WorkQueue(1, async (key) => void runs.push(key));
  queue.addAfter('late', 600);
  queue.addAfter('late', 1);
  queue.addAfter('soon', 10_000);
  queue.addAfter('never', 400);
  t.is(queue.size, 3);
  queue.add('soon');
  await sleep(5);
  t.deepEqual(runs, ['soon']);
  await sleep(1200);
  t.deepEqual(runs, ['soon', 'never', 'late']);
  queue.addAfter('cleared', 10);
  queue.clear();
  await sleep(30);
  t.is(runs.length, 3);
});

test('a single key does not wait behind a bulk, and neither lane waits for the end of the other', async (t) => {
  const runs: string[] = [];
  const queue = new WorkQueue(1, async (key) => {
    runs.push(key);
    await sleep(1);
  });
  for (const key of ['b1', 'b2', 'b3', 'b4', 'b5', 'b6']) queue.add(key, 'bulk');
  for (const key of ['s1', 's2', 'b6']) queue.add(key);
  // Singly asked for, then in bulk: still single.
  queue.add('s2', 'bulk');
  t.is(queue.size, 7);
  while (queue.size > 0) await sleep(1);
  await queue.idle();
  t.deepEqual(runs, ['b1', 's1', 'b2', 's2', 'b3', 'b6', 'b4', 'b5']);
});

test('a bucket lets its burst through at once, then its rate', (t) => {
  const bucket = new TokenBucket({ perSecond: 100, burst: 3 }, 0);
  t.deepEqual(
    [0, 0, 0, 0, 0].map((at) => bucket.take(at)),
    [0, 0, 0, 10, 20],
  );
  t.is(bucket.take(20), 10);
  t.is(bucket.take(1000), 0, 'after a pause there is room again');
  t.deepEqual(
    [1000, 1000, 1000].map((at) => bucket.take(at)),
    [0, 0, 10],
    'but never more than the burst',
  );
});
