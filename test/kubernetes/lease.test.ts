import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { joinLease, type Leadership } from '../../kubernetes/lease.ts';
import type { LeaseTiming } from '../../kubernetes/leaseState.ts';
import { createLog } from '../../runtime/log.ts';
import { undisturbed } from '../undisturbed.ts';
import { type Answer, failure, json, startScripted } from './scripted.ts';

const path = '/apis/coordination.k8s.io/v1/namespaces/mesh/leases';
// Long against what a machine may stand still: a holder that does so for its whole deadline is right to stop.
const timing = { leaseDurationMs: 15_000, renewDeadlineMs: 6000, retryMs: 100 };

/** An API server that keeps one Lease as a real one does; `mode` makes it misbehave. */
function keepLease() {
  const state = {
    lease: undefined as Record<string, unknown> | undefined,
    version: 0,
    mode: 'good' as 'good' | 'broken' | 'silent',
  };
  const answer: Answer = (got, response, request) => {
    const reply = (next: Answer): void => void next(got, response, request);
    if (state.mode === 'silent') return;
    if (state.mode === 'broken') return reply(failure(500, 'InternalError'));
    if (got.method === 'GET')
      return reply(state.lease === undefined ? failure(404, 'NotFound') : json(200, state.lease));
    const sent = JSON.parse(got.body) as { metadata: { resourceVersion?: string } };
    if (got.method === 'POST' && state.lease !== undefined) return reply(failure(409, 'AlreadyExists'));
    if (got.method === 'PUT' && state.lease === undefined) return reply(failure(404, 'NotFound'));
    if (got.method === 'PUT' && sent.metadata.resourceVersion !== String(state.version))
      return reply(failure(409, 'Conflict'));
    state.version += 1;
    state.lease = { ...sent, metadata: { ...sent.metadata, resourceVersion: String(state.version) } };
    reply(json(200, state.lease));
  };
  return { state, answer };
}

async function setUp(t: ExecutionContext, given: LeaseTiming = timing) {
  const { state, answer } = keepLease();
  const { api, got } = await startScripted(t, [answer]);
  const log = createLog('agent', 'fatal', { write() {}, writeAscii() {}, flushSync() {} });
  const changes: string[] = [];
  const join = (identity: string): Leadership => {
    const onChange = (leading: boolean): void => void changes.push(`${identity} ${leading ? 'leads' : 'stops'}`);
    const leadership = joinLease({ api, log, namespace: 'mesh', name: 'one', identity, timing: given, onChange });
    t.teardown(() => leadership.close());
    return leadership;
  };
  return { state, got, changes, join };
}

async function until(good: () => boolean, ms = 30_000): Promise<void> {
  const start = performance.now();
  while (!good()) {
    if (performance.now() - start > ms) throw new Error(`not within ${ms} ms`);
    await sleep(5);
  }
}

test('of three one leads, and when it ends the next one follows without waiting for the Lease to expire', async (t) => {
  const { state, got, changes, join } = await setUp(t, {
    leaseDurationMs: 900_000,
    renewDeadlineMs: 600_000,
    retryMs: 100,
  });
  const all = ['a', 'b', 'c'].map(join);
  await until(() => all.some((one) => one.isLeader()));
  await sleep(300);
  const leader = all.findIndex((one) => one.isLeader());
  t.is(all.filter((one) => one.isLeader()).length, 1);
  t.is(changes.length, 1);
  t.true(got.every(({ url }) => url.pathname === path || url.pathname === `${path}/one`));
  await all[leader]?.close();
  t.false(all[leader]?.isLeader());
  await until(() => all.some((one) => one.isLeader()));
  t.is(changes.length, 3);
  t.like(state.lease, { spec: { leaseTransitions: 1 } });
});

for (const mode of ['broken', 'silent'] as const) {
  test(`a leader whose API server is ${mode} stops at its deadline and leads again afterwards`, async (t) => {
    await undisturbed(t, 1000, async (round) => {
      const { state, changes, join } = await setUp(round);
      const one = join('a');
      await until(() => one.isLeader());
      state.mode = mode;
      const start = performance.now();
      await until(() => !one.isLeader());
      const afterMs = performance.now() - start;
      // Seen late by as much as the thread stands still, and in time before another may take the Lease.
      round.true(afterMs <= timing.renewDeadlineMs + 3000 && afterMs < timing.leaseDurationMs, `${afterMs} ms`);
      await until(() => changes.length === 2);
      state.mode = 'good';
      await until(() => one.isLeader());
      round.deepEqual(changes, ['a leads', 'a stops', 'a leads']);
    });
  });
}

test('a Lease that another took by force is given up at once', async (t) => {
  // What is meant is the look at the Lease, not the deadline.
  const patient = { leaseDurationMs: 900_000, renewDeadlineMs: 600_000, retryMs: 100 };
  const { state, changes, join } = await setUp(t, patient);
  const one = join('a');
  await until(() => one.isLeader());
  const spec = { ...(state.lease?.['spec'] as object), holderIdentity: 'b' };
  state.version += 1;
  state.lease = { ...state.lease, metadata: { resourceVersion: String(state.version) }, spec };
  await until(() => !one.isLeader());
  t.deepEqual(changes, ['a leads', 'a stops']);
  await sleep(300);
  t.like(state.lease, { spec: { holderIdentity: 'b' } });
});

test('a Lease that was deleted or labelled is renewed without a change of leaders', async (t) => {
  const { state, changes, join } = await setUp(t);
  const one = join('a');
  await until(() => one.isLeader());
  const kept = { ...state.lease };
  state.lease = undefined;
  await until(() => state.lease !== undefined);
  await until(() => one.isLeader());
  state.version += 1;
  state.lease = {
    ...kept,
    metadata: { resourceVersion: String(state.version), labels: { a: 'b' } },
  };
  await sleep(900);
  t.true(one.isLeader());
  t.deepEqual(changes, ['a leads']);
});

test('closing while the API server is silent takes no longer than the release may', async (t) => {
  const quick = { leaseDurationMs: 2000, renewDeadlineMs: 600, retryMs: 100 };
  await undisturbed(t, 500, async (round) => {
    const { state, join } = await setUp(round, quick);
    const one = join('a');
    await until(() => one.isLeader());
    state.mode = 'silent';
    const start = performance.now();
    await one.close();
    // What is under way when it begins, half a deadline at most, then 1.5 s for the release.
    round.true(performance.now() - start < quick.renewDeadlineMs / 2 + 1500 + 1000);
  });
});

test('timings that could let two lead are refused', (t) => {
  const base = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2000 };
  for (const wrong of [{ renewDeadlineMs: 15_000 }, { retryMs: 9000 }])
    t.throws(() => joinLease({ timing: { ...base, ...wrong } } as never), { instanceOf: RangeError });
});
