import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { collectEarly, isCollectionDue } from '../../sidecar/collectEarly.ts';

const MB = 1_048_576;

/** Looks four times a second at a heap that is `used(second)`, of which a collection leaves `live(second)`; when it collected. */
function collections(
  seconds: number,
  used: (second: number, sinceCollected: number) => number,
  live: (second: number) => number,
): number[] {
  const tookMs = 46;
  const at: number[] = [];
  let leastBytes = live(0);
  for (let second = 0; second < seconds; second += 0.25) {
    const since = second - (at.at(-1) ?? Number.NEGATIVE_INFINITY);
    const bytes = used(second, since);
    leastBytes = Math.min(leastBytes, bytes);
    if (!isCollectionDue(bytes, { leastBytes, sinceCollectedMs: since * 1000, tookMs })) continue;
    at.push(second);
    leastBytes = live(second);
  }
  return at;
}

/** A large table, or ten thousand connections, within four seconds. */
function growing(second: number): number {
  return (20 + 40 * Math.min(second, 4)) * MB;
}

test('what grows and stays is looked through a few times, then never again', (t) => {
  const at = collections(600, growing, growing);
  t.true(at.length <= 6, at.join());
  t.true(at.every((second) => second < 15));
});

test('garbage of an ordinary load is collected every few seconds at most', (t) => {
  const at = collections(
    60,
    (second) => (20 + (second % 1) * 16) * MB,
    () => 20 * MB,
  );
  t.true(at.length > 0 && at.length <= 12, at.join());
});

test('what a flood leaves is collected at once, again and again', (t) => {
  const at = collections(
    10,
    (_second, since) => (20 + 100 * Math.min(since, 1)) * MB,
    () => 20 * MB,
  );
  t.true(at.length >= 10, at.join());
  t.is(at[0], 0);
});

test('a slow collection has a longer rest behind it, however much grows', (t) => {
  const seen = { leastBytes: 20 * MB, tookMs: 400 };
  t.false(isCollectionDue(200 * MB, { ...seen, sinceCollectedMs: 3900 }));
  t.true(isCollectionDue(200 * MB, { ...seen, sinceCollectedMs: 4000 }));
  t.false(isCollectionDue(30 * MB, { ...seen, sinceCollectedMs: 39_000 }));
  t.true(isCollectionDue(30 * MB, { ...seen, sinceCollectedMs: 40_000 }));
  t.false(isCollectionDue(27 * MB, { ...seen, sinceCollectedMs: Infinity }));
});

test('a heap that grows by megabytes is collected, as often as it grows', async (t) => {
  let collected = 0;
  t.teardown(collectEarly(() => collected++));
  const kept: number[][] = [];
  const times = (): number => collected;
  while (times() < 2) {
    for (let count = 0; count < 5; count++) kept.push(Array.from({ length: 100_000 }, (_, index) => index));
    await sleep(20);
  }
  t.true(kept.length > 0);
});
