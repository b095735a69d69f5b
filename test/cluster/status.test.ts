import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { controllerName } from '../../contract/objects.ts';
import { meshesPath } from '../../agent/status/meshObject.ts';
import { supportedFeatures } from '../../agent/status/supportedFeatures.ts';
import { eventually } from './process/progress.ts';
import { createRoute, createService, patchRoute, readRoute, routesPath } from './statusObjects.ts';

// Against a real API server, without nodes: what is written there is what users and the conformance suite read.
// IncompatibleFilters is not among the reasons here: the schema of HTTPRoute refuses such routes first.
import {
  accepted,
  admin,
  postMesh,
  readMesh,
  routeWrites,
  sent,
  startAgent,
  startLeader,
  to,
  useControlPlane,
} from './statusSetup.ts';
import { serviceRef } from './support/route.ts';

useControlPlane();

test.serial('every reason stands in the status with a message that says what to do', async (t) => {
  await startLeader(t);
  await createService(admin, 'pods', { clusterIP: 'None', ports: [{ port: 80 }] });
  await createService(admin, 'elsewhere', { type: 'ExternalName', externalName: 'example.com' });
  await createService(admin, 'secure', { ports: [{ name: 'https', port: 443 }] });
  const extension = { type: 'ExtensionRef', extensionRef: { group: 'example.com', kind: 'Limit', name: 'a' } };
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
      parent: serviceRef({ name: 'web', port: 81 }),
      type: 'Accepted',
      reason: 'NoMatchingParent',
      message: /it has 80 \(http\); correct parentRef/,
    },
    'wrong-section': {
      parent: serviceRef({ name: 'web', sectionName: 'x' }),
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
    extension: {
      rule: { filters: [extension] },
      type: 'Accepted',
      reason: 'UnsupportedValue',
      message: /ExtensionRef names .*; no extension is supported, remove it/,
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
  await eventually(
    'acceptance once the parent is there',
    () => readRoute(admin, 'absent'),
    ({ parents }) => parents[0]?.conditions[0]?.['status'] === 'True',
  );
});

test.serial('entries of others are kept, Gateway parents are theirs, stale ones of ours go', async (t) => {
  await startLeader(t);
  const gateway = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public' };
  await createRoute(admin, 'both', { parentRefs: [gateway, serviceRef({ name: 'web', port: 80 })] });
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
  const cleaned = await eventually(
    'stale entry gone',
    () => readRoute(admin, 'both'),
    (route) => route.parents.length === 3,
  );
  t.deepEqual(cleaned.parents as unknown, [parents[0], ...ours, parents[3]]);
  t.deepEqual(cleaned.parents[1]?.parentRef as unknown, { group: '', kind: 'Service', name: 'web', port: 80 });

  await patchRoute(admin, 'both', { spec: { parentRefs: [gateway] } });
  const left = await eventually(
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
      patchRoute(admin, 'busy', { spec: { parentRefs: [serviceRef({ name: 'web', port })] } }),
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
    await createRoute(admin, 'phoenix', {
      parentRefs: [serviceRef({ name: 'web', ...(turn % 2 === 1 && { port: 99 }) })],
    });
    if (turn % 3 === 0) await accepted('phoenix');
    await admin.request({ method: 'DELETE', path: `${routesPath}/phoenix` });
  }
  await createRoute(admin, 'phoenix', { parentRefs: [serviceRef({ name: 'web', port: 80 })] });
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
  const { status, mesh } = await eventually(
    'XMesh heddle',
    () => readMesh('heddle'),
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
  await postMesh('other', { controllerName: 'example.com/mesh' });
  await postMesh('with-parameters', { controllerName, parametersRef });
  const mark = sent.length;
  await startLeader(t);
  const wrong = await eventually(
    'status',
    () => readMesh('with-parameters'),
    ({ condition }) => condition['status'] === 'False',
  );
  t.like(wrong.condition, {
    reason: 'InvalidParameters',
    message: /remove parametersRef/.exec(String(wrong.condition['message'])) ? wrong.condition['message'] : 'a message',
  });
  t.is((await readMesh('other')).condition['status'], 'Unknown');
  t.deepEqual(
    sent
      .slice(mark)
      .filter(({ request }) => request.path.includes('/xmeshes'))
      .map(({ request }) => request.path),
    [`${meshesPath}/with-parameters/status`],
  );
});
