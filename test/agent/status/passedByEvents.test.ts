import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { PassedByEvents } from '../../../agent/status/passedByEvents.ts';
import { createLog } from '../../../runtime/log.ts';
import { type Answer, failure, json, startScripted } from '../../kubernetes/scripted.ts';

const route = { kind: 'GRPCRoute', namespace: 'shop', name: 'cart' } as const;
const created = json(201, {});

async function setUp(t: ExecutionContext, answers: readonly Answer[], uid = 'u1') {
  const { api, got } = await startScripted(t, answers);
  const lines: string[] = [];
  const log = createLog('agent', 'info', { write: (line) => lines.push(line), writeAscii() {}, flushSync() {} });
  const events = new PassedByEvents({ api, log, agent: 'heddle-agent-x', uidOf: () => (uid === '' ? undefined : uid) });
  t.teardown(() => events.close());
  return { events, got, lines };
}

async function until(good: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3000 && !good(); tries += 1) await sleep(10);
}

test('Events on the route say which sidecars of this agent pass it by, and later that none does', async (t) => {
  const { events, got } = await setUp(t, [created]);
  events.tell({ route, sidecars: ['shop/a', 'shop/b'] });
  await until(() => got.length === 1);
  t.is(got[0]?.method, 'POST');
  t.is(got[0]?.url.pathname, '/api/v1/namespaces/shop/events');
  const body = JSON.parse(got[0]?.body ?? '') as { metadata: { name: string }; message: string };
  t.like(body, { type: 'Warning', reason: 'PassedBy', count: 1 });
  t.like(body, { involvedObject: { kind: 'GRPCRoute', name: 'cart', uid: 'u1' } });
  t.regex(body.message, /until their pods are restarted; heddle-agent-x serves 2 sidecars: shop\/a, shop\/b$/);
  events.tell({ route, sidecars: [] });
  await until(() => got.length === 2);
  const after = JSON.parse(got[1]?.body ?? '') as typeof body;
  t.like(after, { type: 'Normal', reason: 'PassedByNoMore' });
  t.not(after.metadata.name, body.metadata.name);
});

test('nothing is told of a route that is gone', async (t) => {
  const { events, got } = await setUp(t, [created], '');
  events.tell({ route, sidecars: ['shop/a'] });
  await sleep(100);
  t.is(got.length, 0);
});

test('an Event that may not be written is said once', async (t) => {
  const { events, got, lines } = await setUp(t, [failure(403, 'Forbidden')]);
  for (const name of ['one', 'two']) events.tell({ route: { ...route, name }, sidecars: ['shop/a'] });
  await until(() => got.length === 2);
  await events.close();
  t.is(lines.length, 1);
});
