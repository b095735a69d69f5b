import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { collectEarly } from '../../sidecar/collectEarly.ts';

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
