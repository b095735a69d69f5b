import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { execa } from 'execa';
import { ObservedStatuses } from '../../agent/cluster/observedStatus.ts';
import { watchCluster } from '../../agent/cluster/watch.ts';
import { fieldsOf } from '../../runtime/json.ts';
import { createLog } from '../../runtime/log.ts';
import { freePort } from '../freePort.ts';
import { eventually } from './process/progress.ts';
import { createRoute, patchRoute, readRoute } from './statusObjects.ts';

// Against a real API server, without nodes: what is written there is what users and the conformance suite read.
// IncompatibleFilters is not among the reasons here: the schema of HTTPRoute refuses such routes first.
import { accepted, admin, routeWrites, sent, startAgent, startLeader, timing, useControlPlane } from './statusSetup.ts';
import { serviceRef } from './support/route.ts';

useControlPlane();

test.serial.before(() => createRoute(admin, 'busy', { parentRefs: [serviceRef('web')] }));

const readHolder = async () => {
  const lease = await admin.request({ path: '/apis/coordination.k8s.io/v1/namespaces/default/leases/heddle-agent' });
  return fieldsOf(fieldsOf(lease)['spec'])['holderIdentity'];
};

test.serial('the program itself writes statuses, and gives the Lease up when it ends', async (t) => {
  const metricsPort = await freePort();
  const agent = execa(process.execPath, ['agent/main.ts'], {
    env: {
      HEDDLE_NAMESPACE: 'default',
      HEDDLE_POD_NAME: 'program',
      HEDDLE_DISCOVERY_ADDRESS: '127.0.0.1:0',
      HEDDLE_READY_PORT: String(await freePort()),
      HEDDLE_METRICS_PORT: String(metricsPort),
    },
    reject: false,
  });
  t.teardown(() => agent.kill('SIGKILL'));
  await eventually(
    'a status',
    () => readRoute(admin, 'busy'),
    ({ parents }) => parents.length === 1,
    60_000,
  );
  const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  t.regex(metrics, /heddle_agent_status_leader 1/);
  t.regex(String(await readHolder()), /^program_/);
  agent.kill('SIGTERM');
  t.is((await agent).exitCode, 0);
  t.is(await readHolder(), undefined);
});

test.serial('a thousand routes have their status two seconds after they were applied', async (t) => {
  await startLeader(t);
  const observed = new ObservedStatuses();
  const seen = new Map<string, number>();
  observed.onChange((key) => {
    if (!seen.has(key) && (observed.get(key)?.parents.length ?? 0) > 0) seen.set(key, performance.now());
  });
  const log = createLog('test', 'fatal', { write() {}, writeAscii() {}, flushSync() {} });
  const ending = new AbortController();
  const watching = (async () => {
    for await (const _ of watchCluster(admin, { signal: ending.signal, log, observed }));
  })();
  t.teardown(async () => {
    ending.abort();
    await watching;
  });
  const names = Array.from({ length: 1000 }, (_, index) => `many-${index}`);
  const applied = new Map<string, number>();
  const start = performance.now();
  const waiting = [...names];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        await createRoute(admin, name, {
          parentRefs: [serviceRef('web')],
          rules: [{ backendRefs: [{ name: 'web', port: 80 }] }],
        });
        applied.set(`HTTPRoute default/${name}`, performance.now());
      }
    }),
  );
  const createdMs = performance.now() - start;
  await eventually(
    'all statuses',
    () => names.filter((name) => !seen.has(`HTTPRoute default/${name}`)).length,
    (left) => left === 0,
    60_000,
  );
  const delays = [...applied].map(([key, at]) => (seen.get(key) ?? Infinity) - at).sort((one, other) => one - other);
  t.log(
    `1,000 routes created in ${Math.round(createdMs)} ms; status after p50 ${Math.round(delays[500] ?? 0)} ms, at most ${Math.round(delays[999] ?? 0)} ms`,
  );
  t.true((delays[999] ?? Infinity) <= 2000, `${delays[999]} ms`);

  // One change that concerns all of them.
  const mark = performance.now();
  await admin.request({
    method: 'PATCH',
    path: '/api/v1/namespaces/default/services/web',
    contentType: 'application/merge-patch+json',
    body: {
      spec: {
        ports: [
          { name: 'http', port: 80 },
          { name: 'more', port: 90, appProtocol: 'tcp' },
        ],
      },
    },
  });
  const noted = (name: string): boolean =>
    JSON.stringify(observed.get(`HTTPRoute default/${name}`)?.parents).includes('90 (more)');
  await eventually(
    'all statuses',
    () => names.filter((name) => !noted(name)).length,
    (left) => left === 0,
    60_000,
  );
  t.log(`one change of a Service: 1,000 statuses after ${Math.round(performance.now() - mark)} ms`);
});

test.serial('a leader that ends is followed at once, one that is killed within the lease time', async (t) => {
  const first = await startLeader(t, 'first');
  const second = await startAgent(t, 'second');
  const third = await startAgent(t, 'third');
  await sleep(1000);
  t.false(second.statuses.leading || third.statuses.leading);

  let at = performance.now();
  await first.close();
  await eventually(
    'a new leader',
    () => [second, third].filter(({ statuses }) => statuses.leading).length,
    (count) => count === 1,
    10_000,
  );
  t.log(`after a release: ${Math.round(performance.now() - at)} ms`);

  const [leader, follower] = second.statuses.leading ? [second, third] : [third, second];
  at = performance.now();
  await leader.kill();
  await eventually('the last one to lead', () => follower.statuses.leading, Boolean, timing.leaseDurationMs + 5000);
  const tookMs = performance.now() - at;
  t.log(`after a kill: ${Math.round(tookMs)} ms, with a lease of ${timing.leaseDurationMs} ms`);
  await patchRoute(admin, 'busy', {
    spec: { parentRefs: [serviceRef({ name: 'web', port: 80, sectionName: 'http' })] },
  });
  const { metadata } = await readRoute(admin, 'busy');
  await accepted('busy', Number(metadata['generation']));
});

test.serial(
  `a leader that is cut off stops before the next one begins, and never writes again by itself`,
  async (t) => {
    const old = await startLeader(t, 'cut-off');
    const next = await startAgent(t, 'next');
    await sleep(500);
    const mark = sent.length;
    // Work for both, all the time.
    let turns = 0;
    const ending = new AbortController();
    const editing = (async () => {
      while (!ending.signal.aborted) {
        turns += 1;
        const port = turns % 2 === 0 ? 80 : 81;
        await patchRoute(admin, 'busy', { spec: { parentRefs: [serviceRef({ name: 'web', port })] } });
        await sleep(50);
      }
    })();
    await eventually(
      'writes of the old leader',
      () => routeWrites(mark).length,
      (count) => count > 3,
    );
    old.gate.held = true;
    let both = false;
    await eventually(
      'the next leader',
      () => {
        both ||= old.statuses.leading && next.statuses.leading;
        return next.statuses.leading;
      },
      Boolean,
      timing.leaseDurationMs + 10_000,
    );
    const took = sent.findIndex(
      ({ by, request }, index) => index >= mark && by === 'next' && request.path.includes('/leases'),
    );
    t.false(both);
    t.false(old.statuses.leading);
    await eventually(
      'writes of the next leader',
      () => routeWrites(took).filter(({ by }) => by === 'next').length,
      (count) => count > 3,
    );
    old.gate.held = false;
    await sleep(1500);
    ending.abort();
    await editing;
    t.false(old.statuses.leading);
    t.true(next.statuses.leading);
    t.deepEqual([...new Set(routeWrites(took).map(({ by }) => by))], ['next']);
    t.log(
      `${turns} edits; ${routeWrites(mark).filter(({ by }) => by === 'cut-off').length} writes by the old leader before, none after`,
    );
  },
);
