import test from 'ava';
import { EndpointGroup } from '../../../proxy/balance/group.ts';
import { Measure } from '../../../proxy/balance/measure.ts';
import { type Load, pick } from '../../../proxy/balance/pick.ts';
import { endpointsOf, readyEndpoint, setUp } from '../harness.ts';
import { seededRandom } from '../random.ts';
import { unsuspected } from './unsuspected.ts';

function load(latencyMs: number, outstanding = 0): Load & { outstanding: number } {
  const measure = new Measure();
  if (latencyMs > 0) measure.answered(latencyMs, 0);
  return { outstanding, measure, ...unsuspected };
}

/** The latency that is expected of an endpoint with a request under way, and of an idle one. */
const busy = (measure: Measure, nowMs: number): number => measure.cost(nowMs, 1) / 2 - 1;
const idle = (measure: Measure, nowMs: number): number => measure.cost(nowMs, 0) - 1;

function shares(loads: readonly Load[], draws = 6000): readonly number[] {
  const random = seededRandom(42);
  const counts = new Map<Load, number>();
  for (let draw = 0; draw < draws; draw++) {
    const picked = pick(loads, 0, random);
    if (picked !== undefined) counts.set(picked, (counts.get(picked) ?? 0) + 1);
  }
  return loads.map((one) => (counts.get(one) ?? 0) / draws);
}

test('of none, none is picked; of one, that one', (t) => {
  t.is(pick([], 0, Math.random), undefined);
  const one = load(5);
  t.is(pick([one], 0, Math.random), one);
});

test('of two, the faster is picked', (t) => t.deepEqual(shares([load(10), load(100)]), [1, 0]));
test('of two as fast, the one with less outstanding is picked', (t) =>
  t.deepEqual(shares([load(10, 3), load(10, 2)]), [0, 1]));
test('the slowest of many is never picked, and no two draws are of one', (t) => {
  const [slowest, ...others] = shares([load(100), load(10), load(10), load(10)]);
  t.is(slowest, 0);
  for (const share of others) t.true(share > 0.1);
});
test('a fast endpoint is not flooded: what is outstanding counts', (t) =>
  t.deepEqual(shares([load(1, 100), load(20, 0)]), [0, 1]));
test('equal endpoints share equally', (t) => {
  for (const share of shares([load(0), load(0), load(0), load(0)])) t.true(share > 0.1 && share < 0.5, `${share}`);
});

test('a peak counts at once, and decays slowly while responses are awaited', (t) => {
  const measure = new Measure();
  measure.answered(10, 0);
  measure.answered(1000, 1);
  t.is(busy(measure, 1), 1000);
  t.true(Math.abs(busy(measure, 10_001) - 1000 / Math.E) < 1);
  t.true(busy(measure, 120_000) < 1);
});

test('fast responses bring a peak down slowly', (t) => {
  const measure = new Measure();
  measure.answered(1000, 0);
  measure.answered(10, 100);
  t.true(busy(measure, 100) > 900);
  for (let ms = 200; ms <= 60_000; ms += 100) measure.answered(10, ms);
  t.true(busy(measure, 60_000) < 20);
});

test('a clock that goes back does no harm', (t) => {
  const measure = new Measure();
  measure.answered(10, 1000);
  measure.answered(5, 0);
  t.true(busy(measure, 0) <= 10 && idle(measure, 0) >= 5);
});

/** Requests one after the other for a minute, `everyMs` apart: how many each endpoint got, whose responses take so long. */
function sequence(everyMs: number, ...latencies: readonly ((asked: number) => number)[]): readonly number[] {
  const endpoints = latencies.map((latencyOf) => ({
    outstanding: 0,
    measure: new Measure(),
    outlier: unsuspected.outlier,
    newMs: unsuspected.newMs,
    slowStartMs: unsuspected.slowStartMs,
    latencyOf,
    asked: 0,
  }));
  const random = seededRandom(7);
  for (let nowMs = 0; nowMs < 60_000; nowMs += everyMs) {
    const picked = pick(endpoints, nowMs, random);
    if (picked === undefined) throw new Error('none was picked');
    picked.measure.wake(nowMs);
    const latencyMs = picked.latencyOf(picked.asked++);
    picked.measure.answered(latencyMs, (nowMs += latencyMs));
  }
  return endpoints.map(({ asked }) => asked);
}

test('an endpoint whose first response was slow is used again within seconds, and then like the other', (t) => {
  const [cold = 0, warm = 0] = sequence(
    100,
    (asked) => (asked === 0 ? 300 : 2),
    () => 2,
  );
  t.true(cold > 200 && warm > 200, `${cold} and ${warm}`);
});

test('one that fails is tried again within seconds, and ever less often while it fails', (t) => {
  const [failing, works] = [load(0), load(2)];
  const tries: number[] = [];
  for (let nowMs = 0; nowMs < 300_000; nowMs += 50) {
    const picked = pick([failing, works], nowMs, seededRandom(nowMs));
    picked?.measure.wake(nowMs);
    if (picked !== failing) {
      works.measure.answered(2, nowMs + 2);
      continue;
    }
    // All that is under way there fails, which is one try.
    for (let fault = 0; fault < 3; fault++) failing.measure.fault(nowMs);
    tries.push(nowMs / 1000);
  }
  const pauses = tries.slice(1).map((at, index) => Math.round(at - (tries[index] ?? 0)));
  t.deepEqual(pauses.slice(0, 5), [8, 16, 32, 63, 79]);
  failing.measure.fault(300_000);
  failing.measure.answered(2, 300_002);
  t.true(idle(failing.measure, 300_002) > 1000, 'one answer does not make up for it');
  t.true(idle(failing.measure, 310_002) < 2, 'but it is asked again soon');
});

test('one that stays slow is tried now and then', (t) => {
  const [slow = 0, fast = 0] = sequence(
    10,
    () => 300,
    () => 2,
  );
  t.true(slow >= 5 && slow <= 20 && fast > 3000, `${slow} and ${fast}`);
});

const terminating = { ready: false, serving: true, terminating: true };
const gone = { ready: false, serving: false, terminating: true };
const unready = { ready: false, serving: false, terminating: false };
const groups: readonly (readonly [string, readonly Parameters<typeof readyEndpoint>[], readonly number[]])[] = [
  ['ready endpoints are used', [[1], [2]], [1, 2]],
  ['unready ones are not', [[1], [2, unready]], [1]],
  ['terminating ones are not, while one is ready', [[1], [2, terminating]], [1]],
  [
    'terminating ones that serve are used when none is ready',
    [
      [1, terminating],
      [2, terminating],
      [3, unready],
      [4, gone],
    ],
    [1, 2],
  ],
  [
    'one that neither is ready nor terminates is never used',
    [[1, { ready: false, serving: true, terminating: false }]],
    [],
  ],
];
for (const [title, members, used] of groups) {
  test(title, (t) => {
    const group = new EndpointGroup('shop/cart:80', setUp(t).registry);
    group.update(endpointsOf('cart', ...members.map((member) => readyEndpoint(...member))));
    t.deepEqual(
      group.candidates(4).map(({ endpoint }) => endpoint.port),
      used,
    );
  });
}

test('a client gets endpoints of the family that it spoke to, else those of the other', (t) => {
  const group = new EndpointGroup('shop/cart:80', setUp(t).registry);
  const six = { address: 'fd00::1' };
  group.update(endpointsOf('cart', readyEndpoint(1), readyEndpoint(2, six)));
  t.deepEqual(
    [group.candidates(4), group.candidates(6)].map(([one]) => one?.endpoint.port),
    [1, 2],
  );
  group.update(endpointsOf('cart', readyEndpoint(2, six)));
  t.deepEqual(
    group.candidates(4).map(({ endpoint }) => endpoint.port),
    [2],
  );
});

test('endpoints that stay keep what is known of them; those that go are let go', (t) => {
  const { registry } = setUp(t);
  const group = new EndpointGroup('shop/cart:80', registry);
  group.update(endpointsOf('cart', readyEndpoint(1), readyEndpoint(2), readyEndpoint(2)));
  const [before] = group.candidates(4);
  group.update(endpointsOf('cart', readyEndpoint(3), readyEndpoint(1)));
  t.is(group.candidates(4)[1], before);
  t.is(registry.size.endpoints, 2);
  group.close();
  t.is(registry.size.endpoints, 0);
  t.false(group.known);
});

test('the address of a pod that is passed through to does not replace the endpoint', (t) => {
  const { registry } = setUp(t);
  const ours = registry.acquire(readyEndpoint(1, { pod: 'cart-1' }));
  registry.release(registry.acquire(readyEndpoint(1)));
  t.is(registry.acquire(readyEndpoint(1, { pod: 'cart-1' })), ours);
  t.not(registry.acquire(readyEndpoint(1, { pod: 'cart-2' })), ours);
});
