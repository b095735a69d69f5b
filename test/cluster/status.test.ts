import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { controllerName } from '../../agent/kubernetes/controllerName.ts';
import { meshesPath } from '../../agent/kubernetes/meshObject.ts';
import { ObservedStatuses } from '../../agent/kubernetes/observedStatus.ts';
import { fieldsOf } from '../../agent/kubernetes/sameJson.ts';
import { watchKubernetes } from '../../agent/kubernetes/source.ts';
import { supportedFeatures } from '../../agent/kubernetes/supportedFeatures.ts';
import type { Api } from '../../kubernetes/api.ts';
import { connectApi } from '../../kubernetes/connect.ts';
import { createLog } from '../../runtime/log.ts';
import { installGatewayApi } from './gatewayApi.ts';
import { type LoneControlPlane, startControlPlane } from './startControlPlane.ts';
import { type StatusAgent, startStatusAgent } from './statusAgent.ts';
import {
  createRoute,
  createService,
  patchRoute,
  readRoute,
  routesPath,
  type Sent,
  serviceRef,
  until,
  watchApi,
} from './statusObjects.ts';

// Against a real API server, without nodes: what is written there is what users and the conformance suite read.
// IncompatibleFilters is not among the reasons here: the schema of HTTPRoute refuses such routes first.
const timing = { leaseDurationMs: 3000, renewDeadlineMs: 2000, retryMs: 400 };

let plane: LoneControlPlane;
let admin: Api;
const sent: Sent[] = [];

test.before(async () => {
  plane = await startControlPlane();
  await installGatewayApi({ channel: 'experimental', access: plane });
  process.env['KUBECONFIG'] = plane.kubeconfig;
  admin = await connectApi();
  await until(
    'XMesh',
    () =>
      admin.request({ path: meshesPath }).then(
        () => true,
        () => false,
      ),
    Boolean,
  );
  await createService(admin, 'web', { ports: [{ name: 'http', port: 80 }] });
});

test.after.always(async () => {
  await admin?.close();
  await plane?.close();
});

async function startAgent(
  t: ExecutionContext,
  name: string,
): Promise<StatusAgent & { readonly gate: { held: boolean } }> {
  const gate = watchApi(await connectApi(), name, sent);
  const agent = await startStatusAgent(gate, name, timing);
  let ended: Promise<void> | undefined;
  const close = (): Promise<void> => (ended ??= agent.close());
  const kill = (): Promise<void> => (ended ??= agent.kill());
  t.teardown(close);
  return { ...agent, gate, close, kill };
}

async function startLeader(t: ExecutionContext, name = 'leader') {
  const agent = await startAgent(t, name);
  await until('leading', () => agent.statuses.leading, Boolean, 6000);
  return agent;
}

/** Status writes of routes since the mark. */
function routeWrites(since: number): readonly Sent[] {
  return sent.slice(since).filter(({ request }) => request.path.includes('/httproutes/'));
}

function accepted(name: string, generation = 1) {
  return until(
    `status of ${name}`,
    () => readRoute(admin, name),
    ({ parents }) =>
      parents.some(
        (entry) =>
          entry.controllerName === controllerName && entry.conditions[0]?.['observedGeneration'] === generation,
      ),
  );
}

test.serial('every reason stands in the status with a message that says what to do', async (t) => {
  await startLeader(t);
  await createService(admin, 'pods', { clusterIP: 'None', ports: [{ port: 80 }] });
  await createService(admin, 'elsewhere', { type: 'ExternalName', externalName: 'example.com' });
  await createService(admin, 'secure', { ports: [{ name: 'https', port: 443 }] });
  const to = (backend: object): object => ({ backendRefs: [backend] });
  const mirror = { type: 'RequestMirror', requestMirror: { backendRef: { name: 'web', port: 80 } } };
  const cases: Readonly<
    Record<string, { parent?: object; rule?: object; type: string; reason: string; message: RegExp }>
  > = {
    accepted: { type: 'Accepted', reason: 'Accepted', message: /^Route is accepted$/ },
    resolved: { type: 'ResolvedRefs', reason: 'ResolvedRefs', message: /resolved/ },
    absent: {
      parent: serviceRef('nobody'),
      type: 'Accepted',
      reason: 'NoMatchingParent',
      message: /create it or correct parentRef/,
    },
    'wrong-port': {
      parent: serviceRef('web', { port: 81 }),
      type: 'Accepted',
      reason: 'NoMatchingParent',
      message: /it has 80 \(http\); correct parentRef/,
    },
    'wrong-section': {
      parent: serviceRef('web', { sectionName: 'x' }),
      type: 'Accepted',
      reason: 'NoMatchingParent',
      message: /sectionName x; it has 80/,
    },
    headless: {
      parent: serviceRef('pods'),
      type: 'Accepted',
      reason: 'UnsupportedValue',
      message: /headless; only a Service with a ClusterIP.*name one/,
    },
    external: {
      parent: serviceRef('elsewhere'),
      type: 'Accepted',
      reason: 'UnsupportedValue',
      message: /ExternalName; .*name one/,
    },
    tls: {
      parent: serviceRef('secure'),
      type: 'Accepted',
      reason: 'NotAllowedByListeners',
      message: /set appProtocol: http/,
    },
    mirror: {
      rule: { filters: [mirror] },
      type: 'Accepted',
      reason: 'UnsupportedValue',
      message: /RequestMirror is not supported; remove it/,
    },
    'no-backend': {
      rule: to({ name: 'nobody', port: 80 }),
      type: 'ResolvedRefs',
      reason: 'BackendNotFound',
      message: /create it or correct backendRef/,
    },
    'other-kind': {
      rule: to({ group: 'example.com', kind: 'Bucket', name: 'b' }),
      type: 'ResolvedRefs',
      reason: 'InvalidKind',
      message: /only a Service can be a backend/,
    },
    'other-namespace': {
      rule: to({ name: 'x', namespace: 'kube-system', port: 80 }),
      type: 'ResolvedRefs',
      reason: 'RefNotPermitted',
      message: /create a ReferenceGrant in namespace kube-system/,
    },
    'tls-backend': {
      rule: to({ name: 'secure', port: 443 }),
      type: 'ResolvedRefs',
      reason: 'UnsupportedProtocol',
      message: /name a port that speaks HTTP/,
    },
  };
  const good = to({ name: 'web', port: 80 });
  for (const [name, { parent = serviceRef('web'), rule = good }] of Object.entries(cases))
    await createRoute(admin, name, { parentRefs: [parent], rules: [rule] }).catch((error: unknown) =>
      t.fail(`${name}: ${String(error)}`),
    );
  for (const [name, expected] of Object.entries(cases)) {
    const { parents } = await accepted(name);
    const condition = parents[0]?.conditions.find(({ type }) => type === expected.type);
    t.is(parents.length, 1, name);
    t.is(condition?.['reason'], expected.reason, name);
    t.is(condition?.['status'], ['Accepted', 'ResolvedRefs'].includes(expected.reason) ? 'True' : 'False', name);
    t.regex(String(condition?.['message']), expected.message, name);
    t.deepEqual(
      parents[0]?.conditions.map(({ type }) => type),
      ['Accepted', 'ResolvedRefs'],
      name,
    );
  }
  await createService(admin, 'nobody', { ports: [{ port: 80 }] });
  await until(
    'acceptance once the parent is there',
    () => readRoute(admin, 'absent'),
    ({ parents }) => parents[0]?.conditions[0]?.['status'] === 'True',
  );
});

test.serial('entries of others are kept, Gateway parents are theirs, stale ones of ours go', async (t) => {
  await startLeader(t);
  const gateway = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public' };
  await createRoute(admin, 'both', { parentRefs: [gateway, serviceRef('web', { port: 80 })] });
  await accepted('both');
  const time = '2020-01-01T00:00:00Z';
  const theirs = (controller: string) => ({
    parentRef: gateway,
    controllerName: controller,
    conditions: [{ type: 'Accepted', status: 'True', reason: 'Accepted', message: 'ok', lastTransitionTime: time }],
  });
  const stale = { ...theirs(controllerName), parentRef: serviceRef('old') };
  const { parents: ours } = await readRoute(admin, 'both');
  const parents = [theirs('example.com/one'), stale, ...ours, theirs('example.com/two')];
  await patchRoute(admin, 'both/status', { status: { parents } });
  const cleaned = await until(
    'stale entry gone',
    () => readRoute(admin, 'both'),
    (route) => route.parents.length === 3,
  );
  t.deepEqual(cleaned.parents as unknown, [parents[0], ...ours, parents[3]]);
  t.deepEqual(cleaned.parents[1]?.parentRef as unknown, { group: '', kind: 'Service', name: 'web', port: 80 });

  await patchRoute(admin, 'both', { spec: { parentRefs: [gateway] } });
  const left = await until(
    'entry of ours gone',
    () => readRoute(admin, 'both'),
    (route) => route.parents.length === 2,
  );
  t.deepEqual(left.parents as unknown, [parents[0], parents[3]]);
});

test.serial('concurrent writers of one route lose nothing', async (t) => {
  const agent = await startLeader(t);
  await createRoute(admin, 'busy', { parentRefs: [serviceRef('web')] });
  await accepted('busy');
  const mark = sent.length;
  for (let turn = 1; turn <= 40; turn += 1) {
    const { metadata, parents } = await readRoute(admin, 'busy');
    const other = {
      parentRef: { name: 'public' },
      controllerName: 'example.com/gateway',
      conditions: [
        {
          type: 'Accepted',
          status: 'True',
          reason: 'Accepted',
          message: `turn ${turn}`,
          lastTransitionTime: '2020-01-01T00:00:00Z',
        },
      ],
    };
    const kept = parents.filter(({ controllerName: name }) => name === controllerName);
    const { resourceVersion } = metadata;
    const port = turn % 2 === 0 ? 80 : 81;
    await Promise.allSettled([
      patchRoute(admin, 'busy', { spec: { parentRefs: [serviceRef('web', { port })] } }),
      patchRoute(admin, 'busy/status', { metadata: { resourceVersion }, status: { parents: [other, ...kept] } }),
    ]);
  }
  const { metadata } = await readRoute(admin, 'busy');
  const final = await accepted('busy', Number(metadata['generation']));
  t.is(final.parents.find(({ controllerName: name }) => name === controllerName)?.parentRef['port'], 80);
  t.true(final.parents.some(({ controllerName: name }) => name === 'example.com/gateway'));
  t.true(routeWrites(mark).length < 300, `${routeWrites(mark).length} writes`);
  const text = await agent.registry.metrics();
  t.regex(text, /heddle_agent_status_writes_total\{outcome="written"\} \d+/);
  t.regex(text, /heddle_agent_status_writes_total\{outcome="failed"\} 0/);
});

test.serial('a route made anew gets its own status', async (t) => {
  await startLeader(t);
  for (let turn = 0; turn < 10; turn += 1) {
    await createRoute(admin, 'phoenix', { parentRefs: [serviceRef('web', turn % 2 === 0 ? {} : { port: 99 })] });
    if (turn % 3 === 0) await accepted('phoenix');
    await admin.request({ method: 'DELETE', path: `${routesPath}/phoenix` });
  }
  await createRoute(admin, 'phoenix', { parentRefs: [serviceRef('web', { port: 80 })] });
  const { parents } = await accepted('phoenix');
  t.is(parents.length, 1);
  t.is(parents[0]?.conditions[0]?.['status'], 'True');
  t.is(parents[0]?.parentRef['port'], 80);
});

test.serial('nothing is written while nothing changes, nor by an agent that does not lead', async (t) => {
  await startLeader(t, 'first');
  await startAgent(t, 'second');
  await sleep(1500);
  const mark = sent.length;
  for (let turn = 0; turn < 10; turn += 1) {
    await patchRoute(admin, 'busy', { metadata: { labels: { turn: String(turn) } } });
    await sleep(1000);
  }
  const leases = sent.slice(mark).filter(({ request }) => request.path.includes('/leases'));
  t.is(routeWrites(mark).length, 0);
  t.is(sent.length - mark, leases.length, 'only the Lease is renewed');
  t.deepEqual([...new Set(leases.map(({ by }) => by))], ['first']);
});

test.serial('XMesh says what is supported', async (t) => {
  const agent = await startLeader(t);
  const read = async (name: string) => {
    const mesh = fieldsOf(await admin.request({ path: `${meshesPath}/${name}` }).catch(() => undefined));
    const status = fieldsOf(mesh['status']);
    return { mesh, status, condition: fieldsOf((status['conditions'] as unknown[] | undefined)?.[0]) };
  };
  const { status, mesh } = await until(
    'XMesh heddle',
    () => read('heddle'),
    ({ condition }) => condition['status'] === 'True',
  );
  t.deepEqual(
    status['supportedFeatures'],
    supportedFeatures.map((name) => ({ name })),
  );
  t.deepEqual(supportedFeatures.toSorted(), [...supportedFeatures]);
  t.like(mesh, { spec: { controllerName }, metadata: { ownerReferences: [{ kind: 'Namespace', name: 'default' }] } });
  await agent.close();

  const parametersRef = { group: '', kind: 'ConfigMap', name: 'x', namespace: 'default' };
  const post = (name: string, spec: object) =>
    admin.request({
      method: 'POST',
      path: meshesPath,
      body: { apiVersion: 'gateway.networking.x-k8s.io/v1alpha1', kind: 'XMesh', metadata: { name }, spec },
    });
  await post('other', { controllerName: 'example.com/mesh' });
  await post('with-parameters', { controllerName, parametersRef });
  const mark = sent.length;
  await startLeader(t);
  const wrong = await until(
    'status',
    () => read('with-parameters'),
    ({ condition }) => condition['status'] === 'False',
  );
  t.like(wrong.condition, {
    reason: 'InvalidParameters',
    message: /remove parametersRef/.exec(String(wrong.condition['message'])) ? wrong.condition['message'] : 'a message',
  });
  t.is((await read('other')).condition['status'], 'Unknown');
  t.deepEqual(
    sent
      .slice(mark)
      .filter(({ request }) => request.path.includes('/xmeshes'))
      .map(({ request }) => request.path),
    [`${meshesPath}/with-parameters/status`],
  );
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
    for await (const _ of watchKubernetes(admin, { signal: ending.signal, log, observed }));
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
        applied.set(`default/${name}`, performance.now());
      }
    }),
  );
  const createdMs = performance.now() - start;
  await until(
    'all statuses',
    () => names.filter((name) => !seen.has(`default/${name}`)).length,
    (left) => left === 0,
    15_000,
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
    JSON.stringify(observed.get(`default/${name}`)?.parents).includes('90 (more)');
  await until(
    'all statuses',
    () => names.filter((name) => !noted(name)).length,
    (left) => left === 0,
    15_000,
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
  await until(
    'a new leader',
    () => [second, third].filter(({ statuses }) => statuses.leading).length,
    (count) => count === 1,
    2000,
  );
  t.log(`after a release: ${Math.round(performance.now() - at)} ms`);

  const [leader, follower] = second.statuses.leading ? [second, third] : [third, second];
  at = performance.now();
  await leader.kill();
  await until('the last one to lead', () => follower.statuses.leading, Boolean, timing.leaseDurationMs + 1000);
  const tookMs = performance.now() - at;
  t.log(`after a kill: ${Math.round(tookMs)} ms, with a lease of ${timing.leaseDurationMs} ms`);
  await patchRoute(admin, 'busy', { spec: { parentRefs: [serviceRef('web', { port: 80, sectionName: 'http' })] } });
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
        await patchRoute(admin, 'busy', { spec: { parentRefs: [serviceRef('web', { port })] } });
        await sleep(50);
      }
    })();
    await until(
      'writes of the old leader',
      () => routeWrites(mark).length,
      (count) => count > 3,
    );
    old.gate.held = true;
    let both = false;
    await until(
      'the next leader',
      () => {
        both ||= old.statuses.leading && next.statuses.leading;
        return next.statuses.leading;
      },
      Boolean,
      timing.leaseDurationMs * 2,
    );
    const took = sent.findIndex(
      ({ by, request }, index) => index >= mark && by === 'next' && request.path.includes('/leases'),
    );
    t.false(both);
    t.false(old.statuses.leading);
    await until(
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
