import test from 'ava';
import { RetryBudget } from '../../../proxy/balance/retryBudget.ts';

/** How many retries it lets pass at this time when as many as it lets are made. */
function spendAll(budget: RetryBudget, nowMs: number): number {
  let spent = 0;
  for (; spent < 10_000 && budget.hasLeft(nowMs); spent++) budget.spend();
  return spent;
}

function after(requests: number, nowMs = 0): RetryBudget {
  const budget = new RetryBudget();
  for (let count = 0; count < requests; count++) budget.note(nowMs);
  return budget;
}

const amounts: readonly (readonly [string, number, number])[] = [
  ['no request', 0, 100],
  ['one request', 1, 100],
  ['a hundred requests', 100, 120],
  ['ten thousand requests', 10_000, 2100],
];
for (const [title, requests, retries] of amounts) {
  test(`${title}: ${retries} may be sent again`, (t) => t.is(spendAll(after(requests), 0), retries));
}

test('what is spent comes back over the ten seconds after its window', (t) => {
  const budget = new RetryBudget();
  t.is(spendAll(budget, 0), 100);
  t.is(spendAll(budget, 9999), 0);
  t.is(spendAll(budget, 12_000), 20);
  t.is(spendAll(budget, 15_000), 30);
  t.is(spendAll(budget, 19_900), 49);
});

test('requests count for ten seconds, and as many fewer as lie longer ago', (t) => {
  t.is(spendAll(after(1000), 5000), 300);
  t.is(spendAll(after(1000), 15_000), 200);
  t.is(spendAll(after(1000), 20_000), 100);
});

test('after a pause nothing of what was before counts', (t) => {
  const budget = after(1000);
  t.is(spendAll(budget, 0), 300);
  t.is(spendAll(budget, 60_000), 100);
});

test('in an outage, where every request is sent again as often as may be, a fifth and ten a second are', (t) => {
  const budget = new RetryBudget();
  let retries = 0;
  for (let nowMs = 0; nowMs < 60_000; nowMs++) {
    budget.note(nowMs);
    for (let tries = 0; tries < 3 && budget.hasLeft(nowMs); tries++) {
      budget.spend();
      retries++;
    }
  }
  t.true(retries <= 60_000 * 0.2 + 700 && retries >= 60_000 * 0.2, `${retries}`);
});
