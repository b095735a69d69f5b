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

test.serial('a thousand routes get their status, and all another one by one change of their Service', async (t) => {
  await startLeader(t);
  const observed = new ObservedStatuses();
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
  const waiting = [...names];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        await createRoute(admin, name, {
          parentRefs: [serviceRef('web')],
          rules: [{ backendRefs: [{ name: 'web', port: 80 }] }],
        });
      }
    }),
  );
  // How long that takes is printed by test/bench/agentStatuses.ts.
  const without = (part: string): number =>
    names.filter((name) => !JSON.stringify(observed.get(`HTTPRoute default/${name}`)?.parents ?? []).includes(part))
      .length;
  await eventually(
    'all statuses',
    () => without('Route is accepted'),
    (left) => left === 0,
    180_000,
  );

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
  await eventually(
    'all statuses anew',
    () => without('90 (more)'),
    (left) => left === 0,
    180_000,
  );
  t.pass();
});

test.serial('a leader that ends is followed, and so is one that is killed', async (t) => {
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
  );
  t.log(`after a release: ${Math.round(performance.now() - at)} ms`);

  const [leader, follower] = second.statuses.leading ? [second, third] : [third, second];
  at = performance.now();
  await leader.kill();
  await eventually('the last one to lead', () => follower.statuses.leading, Boolean);
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
