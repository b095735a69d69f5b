import test, { type ExecutionContext } from 'ava';
import { nodeExec } from './cluster.ts';
import { apply, execIn, get } from './kubectl.ts';
import { network, secondNode } from './names.ts';
import { eventually } from './process/progress.ts';
import { client, deploy, pod, service, serving } from './support/app.ts';
import { type Caller, startCaller } from './support/call.ts';
import { type SidecarLog, followSidecarLog } from './support/log.ts';
import { addressesOf, inUrl, readPod } from './support/pods.ts';
import { commandOf, type Probe, probe } from './support/program.ts';
import { marking } from './support/route.ts';
import { useNamespace } from './support/useNamespace.ts';

const namespace = useNamespace('route-services');
let caller: Caller;
let log: SidecarLog;

type ServiceObject = {
  readonly spec: { readonly clusterIPs: readonly string[]; readonly ports: readonly { readonly nodePort: number }[] };
};

const app = { selector: { app: 'app' } };
const port = (name: string, number: number, targetPort: number | string, more: object = {}): object => ({
  ...(name !== '' && { name }),
  port: number,
  targetPort,
  ...more,
});
test.before(async () => {
  const args = [...serving.args, '--tcp', '9000', '--udp', '9001', '--grpc', '9002'];
  await deploy([
    client(namespace),
    pod(namespace, 'app', { container: { ...serving, args, ports: [{ name: 'web', containerPort: 8080 }] } }),
    pod(namespace, 'greeter', {
      container: {
        command: await commandOf('greeter'),
        readinessProbe: { tcpSocket: { port: 9003 }, periodSeconds: 1 },
      },
    }),
    service(namespace, 'app'),
    service(namespace, 'node-port', { ...app, type: 'NodePort' }),
    service(namespace, 'balancer', { ...app, type: 'LoadBalancer' }),
    service(namespace, 'headless', { ...app, clusterIP: 'None', ports: [port('http', 8080, 8080)] }),
    service(namespace, 'manual', { selector: null }),
    service(namespace, 'four', { ...app, ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4'] }),
    service(namespace, 'six', { ...app, ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv6'] }),
    service(namespace, 'named', { ...app, ports: [port('http', 80, 'web')] }),
    service(namespace, 'annotated', app, { 'heddle.dev/opaque-ports': '80,9000-9100' }),
    service(namespace, 'unready'),
    service(namespace, 'greetings', {
      selector: { app: 'greeter' },
      ports: [port('tcp-greeting', 9003, 9003), port('undeclared', 9004, 9003)],
    }),
    service(namespace, 'many', {
      ...app,
      ports: [
        port('http', 80, 8080),
        port('tcp-echo', 9000, 9000),
        port('raw', 9100, 9000, { appProtocol: 'tcp' }),
        port('web', 81, 8080, { appProtocol: 'http' }),
        port('udp', 9001, 9001, { protocol: 'UDP' }),
        port('grpc-health', 9002, 9002),
        port('h2', 9102, 9002, { appProtocol: 'kubernetes.io/h2c' }),
        port('undeclared', 9202, 9002),
      ],
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace, name: 'alias' },
      spec: { type: 'ExternalName', externalName: `app.${namespace}.svc.cluster.local` },
    },
    ...['app', 'node-port', 'balancer', 'manual', 'four', 'six', 'many'].map((name) => marking(namespace, name, name)),
  ]);
  await apply([pod(namespace, 'unready', { container: { readinessProbe: { exec: { command: ['false'] } } } })]);
  caller = await startCaller(namespace, 'client');
  log = await followSidecarLog(namespace, 'client');
});

test.after.always(() => {
  caller?.close();
  log?.close();
});

const fromClient = (kind: Probe, ...words: string[]) => probe({ namespace, pod: 'client' }, kind, ...words);
const readService = (name: string) => get<ServiceObject>('-n', namespace, 'service', name);

/** Calls from the client, by a path of its own, and gives what the app saw, and the line. */
async function call(url: string) {
  const { pathname } = new URL(url);
  const answer = await caller.call(url);
  return { answer, seen: answer.seen, line: await log.find({ path: pathname, message: 'request' }) };
}

async function isRouted(t: ExecutionContext, url: string, name: string): Promise<void> {
  const { seen, line } = await call(url);
  t.like(seen, { pod: 'app', headers: { 'x-route': name } }, url);
  t.like(line, { service: `${namespace}/${name}:80`, route: `HTTPRoute ${namespace}/${name}`, pod: 'app' }, url);
}

for (const [name, families] of [
  ['app', [4, 6]],
  ['node-port', [4, 6]],
  ['balancer', [4, 6]],
  ['four', [4]],
  ['six', [6]],
] as const) {
  test(`Service ${name} is routed by its name and each of its addresses`, async (t) => {
    await isRouted(t, `http://${name}/${name}-name`, name);
    const { clusterIPs } = (await readService(name)).spec;
    t.deepEqual(
      clusterIPs.map((address) => (address.includes(':') ? 6 : 4)),
      [...families],
    );
    for (const [index, address] of clusterIPs.entries())
      await isRouted(t, `http://${inUrl(address)}/${name}-${index}`, name);
  });
}

// These two first, alone: where no Service says what a port speaks, a client that is slow to speak passes as TCP.
test.serial('a NodePort answers from outside the mesh and, unrouted, from inside', async (t) => {
  const url = `http://${secondNode.addresses[4]}:${(await readService('node-port')).spec.ports[0]?.nodePort}/node-port`;
  // kube-proxy of the other node may not know it yet.
  const outside = await eventually(
    'an answer of the NodePort',
    () => nodeExec('node1', ['curl', '-sS', '-m', '5', url]).catch(() => ''),
    (text) => text !== '',
  );
  t.like(JSON.parse(outside), { pod: 'app', path: '/node-port' });
  const { seen, line } = await call(url);
  t.like(seen, { pod: 'app', headers: { 'x-route': undefined } });
  t.is(line.backend, 'passthrough');
});

test.serial('a headless Service leads to its pods without a route', async (t) => {
  const { seen, line } = await call('http://headless:8080/headless');
  t.is(seen?.pod, 'app');
  t.like(line, { backend: 'passthrough', status: 200 });
});

test('an ExternalName is what it stands for, with its routes', (t) => isRouted(t, 'http://alias/alias', 'app'));

test('a Service without selector follows the EndpointSlices that somebody writes', async (t) => {
  const slices = addressesOf(await readPod(namespace, 'app')).map((ip, index) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace, name: `manual-${index}`, labels: { 'kubernetes.io/service-name': 'manual' } },
    addressType: ip.includes(':') ? 'IPv6' : 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: [ip], conditions: { ready: true } }],
  }));
  const before = await caller.call('http://manual/before');
  t.is(before.status, 503);
  t.like(await log.find({ path: '/before' }), { flags: 'UH', backend: `${namespace}/manual:80` });
  await apply(slices);
  const after = await eventually(
    'an answer',
    () => caller.call('http://manual/after'),
    ({ status: code }) => code !== 503,
  );
  t.like(after.seen, { pod: 'app', headers: { 'x-route': 'manual' } });
});

test('targetPort by name, and appProtocol http', async (t) => {
  t.is((await call('http://named/named')).seen?.pod, 'app');
  const { seen, line } = await call('http://many:81/app-protocol');
  t.is(seen?.headers['x-route'], 'many');
  t.is(line.service, `${namespace}/many:81`);
});

test('a Service without ready endpoints answers 503, and the log says how many there are', async (t) => {
  const { answer, line } = await call('http://unready/unready');
  t.is(answer.status, 503);
  t.like(line, { flags: 'UH', level: 'warn', service: `${namespace}/unready:80` });
  t.is(answer.text.trim(), `heddle: 503 ${line.reason}`);
});

test('ports declared opaque carry bytes as they are, whether by name, appProtocol or annotation', async (t) => {
  t.is(await fromClient('tcp', 'many', '9000', 'by name'), 'by name');
  t.is(await fromClient('tcp', 'many', '9100', 'by appProtocol'), 'by appProtocol');
  t.like(await log.find({ service: `${namespace}/many:9000` }), {
    message: 'connection',
    bytesIn: 7,
    bytesOut: 7,
    pod: 'app',
  });
  t.is((await caller.call('http://annotated/annotated')).seen?.pod, 'app');
  const line = await log.find({ service: `${namespace}/annotated:80` });
  t.like(line, { message: 'connection', method: undefined, path: undefined, backend: `${namespace}/annotated:80` });
});

test('a server that speaks first is heard, on a declared port and on one that is not', async (t) => {
  t.is(await fromClient('greeting', 'greetings', '9003', 'thanks'), 'welcome thanks');
  t.is(await fromClient('greeting', 'greetings', '9004', 'thanks'), 'welcome thanks');
});

for (const [number, how] of [
  ['9002', 'named grpc-'],
  ['9102', 'with appProtocol kubernetes.io/h2c'],
] as const) {
  test(`HTTP/2 is served on a port ${how}, to which a route for all ports does not apply`, async (t) => {
    t.is(await fromClient('h2c', 'many', number), '200 grpc-status 0');
    const line = await log.find({ service: `${namespace}/many:${number}` });
    t.like(line, { message: 'request', pod: 'app', grpcStatus: 'OK', route: undefined });
  });
}

test('UDP passes by, over IPv4 and IPv6', async (t) => {
  for (const address of (await readService('many')).spec.clusterIPs)
    t.is(await fromClient('udp', address, '9001', `to ${address}`), `to ${address}`);
});

test('DNS answers by UDP and by TCP', async (t) => {
  const name = `app.${namespace}.svc.cluster.local`;
  const [address = ''] = (await readService('app')).spec.clusterIPs;
  t.is(await fromClient('dns', network.dns, '53', name), address);
  t.regex(
    await execIn(namespace, 'client', ['nslookup', '-type=a', name]),
    new RegExp(address.replaceAll('.', String.raw`\.`)),
  );
});

test('the API server is reached by TLS that nobody opens, as a Service and at its own address', async (t) => {
  const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
  const curl = ['curl', '-sS', '-m', '5', '--cacert', `${folder}/ca.crt`];
  t.is(await execIn(namespace, 'client', [...curl, 'https://kubernetes.default.svc/readyz']), 'ok');
  const line = await log.find({ service: 'default/kubernetes:443' });
  t.like(line, {
    message: 'connection',
    backend: 'default/kubernetes:443',
    endpoint: `${network.apiServer}:${network.apiServerPort}`,
  });
  const outside = `https://${network.apiServer}:${network.apiServerPort}/readyz`;
  t.is(await execIn(namespace, 'client', [...curl, outside]), 'ok');
  t.is((await log.find({ backend: 'passthrough', message: 'connection' })).status, undefined);
});

test('a pod reaches itself through its own Service', async (t) => {
  // By the longer name: the short one is the pod's own, which /etc/hosts knows.
  const own = await startCaller(namespace, 'app');
  const ownLog = await followSidecarLog(namespace, 'app');
  t.teardown(() => (own.close(), ownLog.close()));
  t.like((await own.call(`http://app.${namespace}/hairpin`)).seen, { pod: 'app', headers: { 'x-route': 'app' } });
  t.like(await ownLog.find({ path: '/hairpin', direction: 'outbound' }), { route: `HTTPRoute ${namespace}/app` });
  t.like(await ownLog.find({ path: '/hairpin', direction: 'inbound' }), { status: 200 });
});
