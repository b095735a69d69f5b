import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { RouteEvents } from '../../../agent/status/routeEvents.ts';
import type { RouteStatus } from '../../../agent/translate/result.ts';
import { createLog } from '../../../runtime/log.ts';
import { type Answer, failure, json, startScripted } from '../../kubernetes/scripted.ts';

const route: RouteStatus = { kind: 'HTTPRoute', namespace: 'shop', name: 'cart', uid: 'u1', parents: [] };
const asChange = (after: RouteStatus) => [{ key: 'HTTPRoute shop/cart', before: undefined, after }];
const mistaken = { ...route, mistakes: ['a parentRef has kind: Service without group'] };
const created = json(201, {});

async function setUp(t: ExecutionContext, ...answers: readonly Answer[]) {
  const { api, got } = await startScripted(t, answers);
  const lines: string[] = [];
  const log = createLog('agent', 'info', { write: (line) => lines.push(line), writeAscii() {}, flushSync() {} });
  const events = new RouteEvents({ api, log, isLeader: () => true });
  t.teardown(() => events.stop());
  return { events, got, lines };
}

async function until(good: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3000 && !good(); tries += 1) await sleep(10);
}

test('a mistake is told on the route, by the agent that leads, under a name that another leader gives it too', async (t) => {
  const { events, got } = await setUp(t, created);
  events.desire(asChange(mistaken));
  await sleep(50);
  t.is(got.length, 0, 'nothing before it leads');
  events.start();
  await until(() => got.length === 1);
  t.is(got[0]?.url.pathname, '/api/v1/namespaces/shop/events');
  const body = JSON.parse(got[0]?.body ?? '') as { metadata: { name: string } };
  t.like(body, { type: 'Warning', reason: 'ParentIgnored', message: mistaken.mistakes[0] });
  t.like(body, {
    involvedObject: { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', name: 'cart', uid: 'u1' },
  });
  t.regex(body.metadata.name, /^cart\.[\da-f]{16}$/);
  await events.stop();
  events.start();
  await until(() => got.length === 2);
  t.is((JSON.parse(got[1]?.body ?? '') as typeof body).metadata.name, body.metadata.name);
});

test('a route without mistakes, or mended before an agent leads, gets no Event', async (t) => {
  const { events, got } = await setUp(t, created);
  events.start();
  events.desire(asChange(route));
  await events.stop();
  events.desire(asChange(mistaken));
  events.desire(asChange(route));
  events.start();
  await sleep(100);
  t.is(got.length, 0);
});

for (const [title, answer, logged] of [
  ['that is there already is as good as written', failure(409, 'AlreadyExists'), 0],
  ['that is forbidden is said once', failure(403, 'Forbidden'), 1],
] as const) {
  test(`an Event ${title}`, async (t) => {
    const { events, got, lines } = await setUp(t, answer);
    events.start();
    events.desire(asChange({ ...mistaken, mistakes: ['one', 'two'] }));
    await until(() => got.length === 2);
    await events.stop();
    t.is(lines.length, logged);
  });
}
