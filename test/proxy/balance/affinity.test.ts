import test from 'ava';
import { choose } from '../../../proxy/balance/choose.ts';
import { EndpointGroup } from '../../../proxy/balance/group.ts';
import { Measure } from '../../../proxy/balance/measure.ts';
import type { Endpoint } from '../../../routing/model.ts';
import { unsuspected } from './unsuspected.ts';

type Held = ReturnType<typeof make>;

function make(endpoint: Endpoint) {
  return {
    endpoint,
    outstanding: 0,
    measure: new Measure(),
    ...unsuspected,
    joins: () => undefined,
    obey: () => undefined,
  };
}

function setUp() {
  const held = new Map<string, Held>();
  const group = new EndpointGroup<Held>('shop/cart:80', {
    acquire(endpoint) {
      const known = held.get(endpoint.address) ?? make(endpoint);
      held.set(endpoint.address, known);
      return known;
    },
    release: () => undefined,
    ejections: { changes: 0 },
    onLeftOut: () => undefined,
  });
  const update = (addresses: readonly string[], sessionAffinityMs?: number): void => {
    const endpoints = addresses.map((address) => ({
      address,
      port: 80,
      ready: true,
      serving: true,
      terminating: false,
    }));
    group.update({ name: group.name, endpoints, ...(sessionAffinityMs !== undefined && { sessionAffinityMs }) });
  };
  const ask = (nowMs: number, family: 4 | 6 = 4): string | undefined =>
    choose(group, family, nowMs, Math.random)?.endpoint.address;
  const askOften = (nowMs: number, family: 4 | 6 = 4): number =>
    new Set(Array.from({ length: 100 }, () => ask(nowMs, family))).size;
  return { group, update, ask, askOften };
}

const four = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'];

test('a client stays with one endpoint of a Service that asks for it, and with none of another', (t) => {
  const { update, askOften } = setUp();
  update(four);
  t.true(askOften(0) > 1);
  update(four, 1000);
  t.is(askOften(0), 1);
});

test('it stays while other endpoints come and go, and until it has not used it for the time', (t) => {
  const { update, ask, askOften } = setUp();
  update(four, 1000);
  const first = ask(0);
  update([...four, '10.0.0.5'], 1000);
  // Each use counts anew.
  for (let nowMs = 0; nowMs < 9000; nowMs += 900) t.is(ask(nowMs), first);
  const others = Array.from({ length: 100 }, (_, index) => ask(20_000 + index * 1001));
  t.true(new Set(others).size > 1, 'its time was over each time');
  t.is(askOften(200_000), 1);
});

test('it goes to another one when that one is none any more', (t) => {
  const { update, ask, askOften } = setUp();
  update(four, 1000);
  const first = ask(0);
  const others = four.filter((address) => address !== first);
  update(others, 1000);
  t.true(others.includes(ask(1) ?? ''));
  t.is(askOften(1), 1);
  update([], 1000);
  t.is(ask(2), undefined);
});

test('of each address family it stays with one', (t) => {
  const { update, ask, askOften } = setUp();
  update([...four, 'fd00::1', 'fd00::2'], 1000);
  t.is(askOften(0, 4), 1);
  t.is(askOften(0, 6), 1);
  t.not(ask(0, 4), ask(0, 6));
});

test('what is asked for counts as soon as the agent says it', (t) => {
  const { group, update, ask, askOften } = setUp();
  update(four, 1000);
  const first = ask(0);
  update(four, 5000);
  t.is(ask(900), first);
  t.is(ask(5800), first);
  update(four);
  t.is(group.affinity, undefined);
  t.true(askOften(0) > 1);
});
