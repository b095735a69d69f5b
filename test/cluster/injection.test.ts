import test from 'ava';
import manifest from '../../package.json' with { type: 'json' };
import { apply, get, kubectl } from './kubectl.ts';
import { eventsOf, gated, refusalOf, submit } from './support/admission.ts';
import { deploy, deployment, pod, service, undeclared } from './support/app.ts';
import { answers, ask } from './support/call.ts';
import { awaitLine, linesOf } from './support/log.ts';
import { injected } from './support/namespace.ts';
import { initNames, podsOf, readPod } from './support/pods.ts';
import { ownNamespace, useNamespace } from './support/useNamespace.ts';

const { version } = manifest;
const mesh = useNamespace('mesh');
const plain = useNamespace('plain', {});

test('a pod of a labelled namespace has init container and sidecar first, says so, and its requests are logged', async (t) => {
  await deploy([pod(mesh, 'one'), service(mesh, 'one', undeclared())]);
  const { metadata, spec } = await readPod(mesh, 'one');
  const { annotations = {} } = metadata;
  t.is(annotations['heddle.dev/injected'], version);
  t.regex(annotations['heddle.dev/revision'] ?? '', /^[\da-f]{12}$/);
  const [init, sidecar] = spec.initContainers ?? [];
  t.deepEqual([init?.name, sidecar?.name], ['heddle-init', 'heddle-sidecar']);
  t.is(sidecar?.restartPolicy, 'Always');
  const resources = { requests: { cpu: '20m', memory: '64Mi' }, limits: { memory: '256Mi' } };
  t.deepEqual([init?.resources, sidecar?.resources], [resources, resources]);
  await answers(mesh, 'one', `http://one.${mesh}/first`);
  t.is((await ask(mesh, 'one', `http://one.${mesh}/path`)).path, '/path');
  const lines = await awaitLine(mesh, 'one', { direction: 'outbound', path: '/path', status: 200 });
  t.true(lines.some(({ message }) => message === 'Agent connected'));
  await awaitLine(mesh, 'one', { direction: 'inbound', path: '/path', status: 200 });
});

test('a pod opts out by its label', async (t) => {
  const labels = { 'heddle.dev/inject': 'disabled' };
  const { spec, metadata } = await submit(gated(mesh, 'out', { labels }));
  t.is(spec.initContainers, undefined);
  t.is(metadata.annotations?.['heddle.dev/injected'], undefined);
});

test('a pod opts in by its label where the namespace does not, and gets the CA with it', async (t) => {
  await deploy([pod(plain, 'in', { labels: injected }), pod(plain, 'other')]);
  t.deepEqual(initNames(await readPod(plain, 'in')), ['heddle-init', 'heddle-sidecar']);
  t.deepEqual(initNames(await readPod(plain, 'other')), []);
  const { data } = await get<{ data: Record<string, string> }>('-n', plain, 'configmap', 'heddle-ca');
  t.regex(data['ca.crt'] ?? '', /^-----BEGIN CERTIFICATE-----/);
  await awaitLine(plain, 'in', { message: 'Agent connected' });
});

test('an unknown value of the label is no injection, and kubectl warns', async (t) => {
  const { spec, warnings } = await submit(gated(mesh, 'unsure', { labels: { 'heddle.dev/inject': 'true' } }));
  t.is(spec.initContainers, undefined);
  t.regex(warnings, /heddle: label heddle\.dev\/inject="true" is unknown: write "enabled" or "disabled"/);
});

test("a pod that runs as the sidecar's user is refused; its ReplicaSet has events that say why", async (t) => {
  const why = /container app runs as user 1337, which is the sidecar's own: .*; set another securityContext\.runAsUser/;
  const spec = { securityContext: { runAsUser: 1337 } };
  t.regex(await refusalOf(pod(mesh, 'twin', { spec })), why);
  await apply([deployment(mesh, 'twins', { spec })]);
  const both = ['FailedCreate', 'InjectionRefused'];
  const events = await eventsOf(mesh, 'ReplicaSet', 'twins', both);
  for (const reason of both) t.regex(events.find((event) => event.reason === reason)?.message ?? '', why, reason);
});

test('a pod of the host network runs without a sidecar; kubectl and an event on its owner say why', async (t) => {
  const why = /no sidecar was added: hostNetwork shares the node's network.*; remove hostNetwork or label the pod/;
  const parts = { spec: { hostNetwork: true }, container: { args: ['sleep'] } };
  t.regex((await submit(gated(mesh, 'host', { ...parts, spec: { hostNetwork: true } }))).warnings, why);
  await deploy([deployment(mesh, 'hosts', parts)]);
  t.deepEqual((await podsOf(mesh, 'app=hosts')).map(initNames), [[]]);
  const [event] = await eventsOf(mesh, 'ReplicaSet', 'hosts', ['NotInjected']);
  t.regex(event?.message ?? '', why);
});

for (const [name, value, help] of [
  ['skip-inbound-ports', 'http', /"http" is wrong; write ports from 1 to 65535/],
  ['skip-outbound-ports', '0', /"0" is wrong; write ports from 1 to 65535/],
  ['skip-subnets', '10.0.0.0', /"10\.0\.0\.0" is wrong; write CIDRs/],
  ['opaque-ports', '3306,70000', /"70000" is wrong; write ports/],
] as const) {
  test(`a wrong value of the annotation ${name} is refused, and the message says what to write`, async (t) => {
    const refusal = await refusalOf(pod(mesh, 'wrong', { annotations: { [`heddle.dev/${name}`]: value } }));
    t.regex(refusal, new RegExp(`heddle: annotation heddle\\.dev/${name}: `));
    t.regex(refusal, help);
  });
}

test('annotations take ports, subnets and protocols out of the mesh', async (t) => {
  await deploy([
    pod(mesh, 'server', { annotations: { 'heddle.dev/skip-inbound-ports': '8080' } }),
    service(mesh, 'server', undeclared({ 80: 8080, 90: 8080 })),
    service(mesh, 'aside', { ...undeclared(), selector: { app: 'server' } }),
  ]);
  const { spec } = await get<{ spec: { clusterIP: string } }>('-n', mesh, 'service', 'aside');
  const annotations = {
    'heddle.dev/skip-outbound-ports': '90',
    'heddle.dev/skip-subnets': `${spec.clusterIP}/32`,
  };
  await deploy([
    pod(mesh, 'skips', { annotations }),
    pod(mesh, 'opaque', { annotations: { 'heddle.dev/opaque-ports': '80' } }),
  ]);
  await answers(mesh, 'skips', 'http://server:90/');
  for (const url of ['server:90/port', 'aside/subnet', 'server/routed']) {
    const [, path = ''] = url.split('/');
    t.is((await ask(mesh, 'skips', `http://${url}`)).path, `/${path}`);
  }
  const lines = await awaitLine(mesh, 'skips', { direction: 'outbound', path: '/routed' });
  t.deepEqual(
    lines.flatMap(({ direction, path }) => (direction === 'outbound' ? (path ?? []) : [])),
    ['/routed'],
  );
  await ask(mesh, 'opaque', 'http://server/bytes');
  const tunnelled = await awaitLine(mesh, 'opaque', { message: 'connection', service: `${mesh}/server:80` });
  t.deepEqual(
    tunnelled.filter(({ message, direction }) => message === 'request' && direction === 'outbound'),
    [],
  );
  // The first test's pod writes inbound lines; here is nothing, not even of the probe.
  const inbound = (await linesOf(mesh, 'server')).filter(({ direction }) => direction === 'inbound');
  t.deepEqual(inbound, []);
});

for (const level of ['restricted', 'baseline'] as const) {
  test(`a namespace that enforces the Pod Security level ${level} refuses the init container, which must set rules`, async (t) => {
    const labels = { ...injected, 'pod-security.kubernetes.io/enforce': level };
    const namespace = await ownNamespace(t, level, labels);
    const refusal = await refusalOf(restricted(namespace, 'app'));
    t.regex(refusal, new RegExp(`violates PodSecurity "${level}:latest"`));
    t.regex(refusal, /container "heddle-init" must not include "NET_ADMIN", "NET_RAW"/);
    t.notRegex(refusal, /heddle-sidecar/);
    // It is the mesh alone that is refused.
    t.is((await submit(restricted(namespace, 'out', 'disabled'))).spec.initContainers, undefined);
  });
}

test('the Pod Security level privileged takes pods of the mesh', async (t) => {
  const labels = { ...injected, 'pod-security.kubernetes.io/enforce': 'privileged' };
  const namespace = await ownNamespace(t, 'privileged', labels);
  await deploy([restricted(namespace, 'app')]);
  t.deepEqual(initNames(await readPod(namespace, 'app')), ['heddle-init', 'heddle-sidecar']);
});

test('a dry run shows the injected pod and leaves nothing behind', async (t) => {
  const namespace = await ownNamespace(t, 'dry', {});
  const dry = await submit(pod(namespace, 'app', { labels: injected }), '--dry-run=server');
  t.deepEqual(initNames(dry), ['heddle-init', 'heddle-sidecar']);
  const wrong = { labels: injected, spec: { securityContext: { runAsUser: 1337 } } };
  t.regex(await refusalOf(pod(namespace, 'dry', wrong), '--dry-run=server'), /runs as user 1337/);
  const host = { labels: injected, spec: { hostNetwork: true } };
  await submit(pod(namespace, 'dry', host), '--dry-run=server');
  // What is meant comes after, and has its effects: had the dry run had any, they would be there now.
  await submit(gated(namespace, 'meant', host));
  const events = await eventsOf(namespace, 'Pod', '', ['NotInjected']);
  t.deepEqual(
    events.map(({ involvedObject }) => involvedObject.name),
    ['meant'],
  );
  t.is(await kubectl('-n', namespace, 'get', 'configmap', 'heddle-ca', '--ignore-not-found', '-o', 'name'), '');
});

test('a pod with a generated name is injected as any other', async (t) => {
  const { metadata, ...rest } = gated(mesh, 'web');
  const { spec, metadata: created } = await submit({ ...rest, metadata: { namespace: mesh, generateName: 'web-' } });
  t.regex(created.name, /^web-.{5}$/);
  t.deepEqual(initNames({ spec }), ['heddle-init', 'heddle-sidecar']);
  t.like(metadata, { name: 'web' });
});

test('an init container of the application reaches a Service, through the sidecar', async (t) => {
  await deploy([pod(mesh, 'early'), service(mesh, 'early', undeclared())]);
  await answers(mesh, 'early', `http://early.${mesh}/`);
  const command = ['curl', '-sS', '--fail', '-m', '60', 'http://early/from-init'];
  const initContainers = [{ name: 'fetch', image: 'heddle-test-app:1', command }];
  await deploy([pod(mesh, 'late', { spec: { initContainers, restartPolicy: 'Never' } })]);
  t.deepEqual(initNames(await readPod(mesh, 'late')), ['heddle-init', 'heddle-sidecar', 'fetch']);
  await awaitLine(mesh, 'late', { direction: 'outbound', path: '/from-init', service: `${mesh}/early:80` });
});

test('pods that cannot resolve names of the cluster reach the agent by its address', async (t) => {
  await deploy([pod(mesh, 'nameless', { spec: { dnsPolicy: 'Default' } })]);
  await awaitLine(mesh, 'nameless', { message: 'Agent connected' });
  t.pass();
});

for (const namespace of ['kube-system', 'heddle-system']) {
  test(`pods of ${namespace} are never injected, even if they ask for it`, async (t) => {
    const { spec } = await submit(restricted(namespace, 'asks', 'enabled'), '--dry-run=server');
    t.is(spec.initContainers, undefined);
    const all = await podsOf(namespace);
    t.true(all.length > 0);
    for (const one of all) t.is(one.metadata.annotations?.['heddle.dev/injected'], undefined, one.metadata.name);
  });
}

/** A pod that the level restricted accepts, but for the mesh. */
function restricted(namespace: string, name: string, inject = 'enabled') {
  return pod(namespace, name, {
    labels: { 'heddle.dev/inject': inject },
    spec: { securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } },
    container: { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } },
  });
}
