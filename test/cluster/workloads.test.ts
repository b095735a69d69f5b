import test from 'ava';
import { imageNames } from './build/images.ts';
import { nodeExec } from './cluster.ts';
import { apply, execIn, get, kubectl, waitFor } from './kubectl.ts';
import { firstNode, nodes } from './names.ts';
import { waitUntil } from './process/progress.ts';
import { client, deploy, deployment, pod, podTemplate, service, undeclared } from './support/app.ts';
import { answers, ask } from './support/call.ts';
import { forwardPort } from './support/forwardPort.ts';
import { awaitLine, linesOf } from './support/log.ts';
import { addressesOf, initNames, podsOf, readPod } from './support/pods.ts';
import { useNamespace } from './support/useNamespace.ts';

const mesh = useNamespace('work');
const plain = useNamespace('work-plain', {});
/** A Service that all may call, `web:80`, and a pod that calls, `client`. */
test.before(async () => {
  await deploy([deployment(mesh, 'web'), service(mesh, 'web', undeclared()), client(mesh)]);
  await answers(mesh, 'client', 'http://web/');
});

test('a Job ends when its application ends, also one that a CronJob makes', async (t) => {
  const command = ['curl', '-sS', '--fail', '-m', '60', 'http://web/from-job'];
  const template = podTemplate('job', { container: { command }, spec: { restartPolicy: 'Never' } });
  const jobTemplate = { spec: { template, backoffLimit: 0 } };
  await apply([
    { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'once', namespace: mesh }, ...jobTemplate },
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'nightly', namespace: mesh },
      spec: { schedule: '0 3 * * *', jobTemplate },
    },
  ]);
  await kubectl('-n', mesh, 'create', 'job', '--from=cronjob/nightly', 'tonight');
  await Promise.all(['once', 'tonight'].map((name) => waitFor(mesh, `job/${name}`, 'condition=Complete')));
  const pods = await podsOf(mesh, 'app=job');
  t.is(pods.length, 2);
  for (const { metadata, status } of pods) {
    t.is(status.phase, 'Succeeded');
    t.deepEqual(
      status.initContainerStatuses?.map(({ name }) => name),
      ['heddle-init', 'heddle-sidecar'],
    );
    for (const { name, state } of status.initContainerStatuses ?? []) {
      t.is(state.terminated?.exitCode, 0, `${metadata.name}: ${name}`);
    }
    t.true((await linesOf(mesh, metadata.name)).some(({ path, status: code }) => path === '/from-job' && code === 200));
  }
});

test('each pod of a StatefulSet is found by its own name', async (t) => {
  await deploy([
    service(mesh, 'db', { ...undeclared({ 8080: 8080 }), clusterIP: 'None' }),
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db', namespace: mesh },
      spec: {
        serviceName: 'db',
        replicas: 2,
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: { app: 'db' } },
        template: podTemplate('db'),
      },
    },
  ]);
  for (const name of ['db-0', 'db-1']) {
    await answers(mesh, 'client', `http://${name}.db:8080/`);
    t.is((await ask(mesh, 'client', `http://${name}.db:8080/who`)).pod, name);
  }
  await awaitLine(mesh, 'db-0', { direction: 'inbound', path: '/who' });
  const lines = await awaitLine(mesh, 'client', { direction: 'outbound', path: '/who' });
  t.true(lines.every(({ path, status }) => path !== '/who' || status === 200));
});

test('a DaemonSet has a pod on each node, and each answers', async (t) => {
  await deploy([
    service(mesh, 'each', undeclared()),
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'each', namespace: mesh },
      spec: { selector: { matchLabels: { app: 'each' } }, template: podTemplate('each') },
    },
  ]);
  const pods = await podsOf(mesh, 'app=each');
  t.deepEqual(
    pods.map(({ spec }) => spec.nodeName).toSorted(),
    nodes.map(({ name }) => name),
  );
  const seen = new Set<string>();
  await waitUntil('an answer of both pods', 60_000, async () => {
    await answers(mesh, 'client', 'http://each/');
    seen.add((await ask(mesh, 'client', 'http://each/')).pod);
    return seen.size === 2;
  });
  t.deepEqual([...seen].toSorted(), pods.map(({ metadata }) => metadata.name).toSorted());
});

test('two containers of a pod reach each other by localhost, without the sidecar, and both are served through it', async (t) => {
  const second = {
    name: 'second',
    image: imageNames.testApp,
    args: ['serve', '--http', '8081'],
    readinessProbe: { httpGet: { path: '/ready', port: 8081 }, periodSeconds: 1 },
    env: [{ name: 'TEXT', value: 'second' }],
  };
  const { spec } = podTemplate('pair');
  await deploy([
    pod(mesh, 'pair', { spec: { containers: [...spec.containers, second] } }),
    service(mesh, 'pair', undeclared({ 80: 8080, 81: 8081 })),
  ]);
  t.like(await ask(mesh, 'pair', 'http://localhost:8081/local'), { text: 'second', path: '/local' });
  await answers(mesh, 'client', 'http://pair:81/');
  t.is((await ask(mesh, 'client', 'http://pair/one')).path, '/one');
  t.like(await ask(mesh, 'client', 'http://pair:81/two'), { text: 'second', path: '/two' });
  await awaitLine(mesh, 'pair', { direction: 'inbound', path: '/one' });
  const lines = await awaitLine(mesh, 'pair', { direction: 'inbound', path: '/two' });
  t.deepEqual(
    lines.filter(({ path }) => path === '/local'),
    [],
  );
});

test('clients outside the mesh are answered: a host-network pod, a node, a pod without a sidecar', async (t) => {
  const spec = { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet', nodeName: firstNode.name };
  await deploy([client(mesh, 'host', { spec }), client(plain, 'outside')]);
  t.deepEqual(initNames(await readPod(mesh, 'host')), []);
  t.is((await ask(mesh, 'host', `http://web.${mesh}/host`)).path, '/host');
  t.is((await ask(plain, 'outside', `http://web.${mesh}/outside`)).path, '/outside');
  const { spec: found } = await get<{ spec: { clusterIP: string } }>('-n', mesh, 'service', 'web');
  t.regex(await nodeExec('node2', ['curl', '-sS', '-m', '60', `http://${found.clusterIP}/node`]), /"path":"\/node"/);
  const [web] = await podsOf(mesh, 'app=web');
  const name = web?.metadata.name ?? '';
  for (const path of ['/host', '/outside', '/node']) await awaitLine(mesh, name, { direction: 'inbound', path });
});

test('exec, logs and port-forward work on an injected pod', async (t) => {
  await deploy([pod(mesh, 'tools')]);
  // Without naming a container: the application is the default one.
  t.is(await kubectl('-n', mesh, 'exec', 'tools', '--', 'echo', 'here'), 'here\n');
  t.is(await kubectl('-n', mesh, 'logs', 'tools'), 'listening\n');
  const answer = await fetch(`http://127.0.0.1:${await forwardPort(t, mesh, 'tools', 8080)}/forwarded`);
  t.like(await answer.json(), { pod: 'tools', path: '/forwarded' });
});

test('an ephemeral container can be added for debugging, and its requests go through the mesh too', async (t) => {
  await deploy([pod(mesh, 'patient')]);
  const command = ['curl', '-sS', '--fail', '-m', '60', 'http://web/debug'];
  const flags = [
    `--image=${imageNames.testApp}`,
    '--container=doctor',
    '--target=app',
    '--image-pull-policy=IfNotPresent',
  ];
  await kubectl('-n', mesh, 'debug', 'pod/patient', ...flags, '--', ...command);
  await awaitLine(mesh, 'patient', { direction: 'outbound', path: '/debug', status: 200 });
  const { status } = await readPod(mesh, 'patient');
  t.is(status.phase, 'Running');
  t.regex(await kubectl('-n', mesh, 'logs', 'patient', '-c', 'doctor'), /"path":"\/debug"/);
});

test('whoever does not prove to be a pod of the mesh is refused by the agent, which logs it', async (t) => {
  await deploy([client(plain, 'stranger')]);
  const type = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';
  const call = [
    'curl -sSk -m 10 --http2 -o /dev/null -D - -X POST -H "content-type: application/grpc" -H "te: trailers"',
    `--data-binary "" https://heddle-agent.heddle-system.svc:15010${type}`,
  ].join(' ');
  const token = '-H "authorization: Bearer $(cat /var/run/secrets/kubernetes.io/serviceaccount/token)"';
  t.regex(await execIn(plain, 'stranger', ['sh', '-c', call]), /grpc-status: 16[^]*there%20is%20no%20token/);
  t.regex(await execIn(plain, 'stranger', ['sh', '-c', `${call} ${token}`]), /grpc-status: 16[^]*for%20the%20audience/);
  t.regex(
    await execIn(plain, 'stranger', ['sh', '-c', `${call} -H "authorization: Bearer x"`]),
    /grpc-status: 16[^]*no%20ServiceAccount%20token/,
  );
  const peers = addressesOf(await readPod(plain, 'stranger')).map((ip) => `"peer":"${ip}"`);
  await waitUntil('the line of the agent', 60_000, async () => {
    const words = [
      '-n',
      'heddle-system',
      'logs',
      '-l',
      'app.kubernetes.io/name=heddle-agent',
      '--since=300s',
      '--tail=-1',
    ];
    const lines = (await kubectl(...words)).split('\n');
    return lines.some((line) => line.includes('Stream refused') && peers.some((peer) => line.includes(peer)));
  });
});
