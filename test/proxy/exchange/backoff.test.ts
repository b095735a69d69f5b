import test from 'ava';
import { backoffMs } from '../../../proxy/exchange/backoff.ts';

const retry = { attempts: 100, codes: [] };
const whole = (): number => 1;

test('the longest wait doubles with each retry, up to ten times the base interval', (t) => {
  const waits = [1, 2, 3, 4, 5, 6, 100, 5000].map((number) => backoffMs({ ...retry, backoffMs: 100 }, number, whole));
  t.deepEqual(waits, [100, 200, 400, 800, 1000, 1000, 1000, 1000]);
});

test('all of a wait is drawn', (t) => {
  t.deepEqual(
    [0, 0.25, 0.5].map((drawn) => backoffMs({ ...retry, backoffMs: 100 }, 2, () => drawn)),
    [0, 50, 100],
  );
});

test('25 ms where the rule says nothing, and none where it says 0', (t) => {
  t.is(backoffMs(retry, 1, whole), 25);
  t.is(backoffMs({ ...retry, backoffMs: 0 }, 9, whole), 0);
});

test('no wait is longer than a timer can be', (t) => {
  t.is(backoffMs({ ...retry, backoffMs: 2 ** 31 - 1 }, 9, whole), 2 ** 31 - 1);
});
