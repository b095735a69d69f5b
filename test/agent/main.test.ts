import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { endpointsTypeUrl, serviceRoutingTypeUrl } from '../../routing/wire/typeUrls.ts';
import { decodeEndpoints } from '../../routing/wire/decode.ts';
import { agentMain, startAgent, startAgentIn } from './agentProcess.ts';
import { TestClient } from './discovery/client.ts';
import { bytesOf } from './discovery/read.ts';
import { splitRoute, weightOf } from './splitRoute.ts';

const web = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.96.0.1, ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [10.1.0.1]}]
`;

test('an edit of a file reaches a sidecar long before the next look, and the log says what changed', async (t) => {
  const files = { 'web.yaml': web, 'route.yaml': splitRoute(1) };
  const agent = await startAgent(t, files, { HEDDLE_CONFIG_POLL_MS: '600000' });
  const client = new TestClient(agent.address);
  t.teardown(() => client.close());
  client.send({ typeUrl: endpointsTypeUrl, resourceNamesSubscribe: ['default/web:80'] });
  const endpoints = decodeEndpoints(bytesOf(await client.take()));
  t.like(endpoints, { ok: true, value: { endpoints: [{ address: '10.1.0.1', port: 8080 }] } });
  client.send({ typeUrl: serviceRoutingTypeUrl, resourceNamesSubscribe: ['10.96.0.1:80'] });
  await client.take();
  const took: number[] = [];
  for (let weight = 10; weight <= 50; weight += 10) {
    const started = performance.now();
    await writeFile(path.join(agent.folder, 'route.yaml'), splitRoute(weight));
    const response = await client.take();
    took.push(performance.now() - started);
    t.is(weightOf(response), weight);
    await agent.seen(response.systemVersionInfo);
  }
  t.log(`edit to sidecar: ${took.map(Math.round).join(', ')} ms`);
  await agent.seen('"changed":["HTTPRoute default/split"]');
});

test('statuses are printed as a table when they change, broken files are named with their line', async (t) => {
  const agent = await startAgent(t, { 'web.yaml': web, 'route.yaml': splitRoute(1) });
  await agent.seen(/HTTPRoute default\/split {2}Service default\/web {2}ResolvedRefs=True +ResolvedRefs +All/);
  await writeFile(path.join(agent.folder, 'route.yaml'), splitRoute(1).replace('name: web, port', 'name: gone, port'));
  await agent.seen(/ResolvedRefs=False +BackendNotFound +Service default\/gone does not exist; create it/);
  await writeFile(path.join(agent.folder, 'route.yaml'), splitRoute(1).replace('port: 80', 'port: eighty'));
  await agent.seen(/route\.yaml","line":7,"reason":"spec\.rules\[0\]\.backendRefs\[0\]\.port: must be a whole number/);
});

test('an agent that starts anew with a broken file takes no Service from a sidecar that has it', async (t) => {
  const before = await startAgent(t, { 'web.yaml': web, 'route.yaml': splitRoute(1) });
  const first = new TestClient(before.address);
  first.send({ typeUrl: serviceRoutingTypeUrl, resourceNamesSubscribe: ['10.96.0.1:80'] });
  const version = (await first.take()).resources[0]?.version ?? '';
  first.close();
  before.signal('SIGTERM');
  await before.exit;

  const file = path.join(before.folder, 'web.yaml');
  await writeFile(file, `${web}---\nkind: [\n`);
  const after = await startAgentIn(t, before.folder);
  await after.seen('is broken and never was good');
  t.false(after.output().includes('its last good version keeps serving'));
  const client = new TestClient(after.address);
  t.teardown(() => client.close());
  const names = ['10.96.0.1:80', '10.96.0.9:80'];
  const initialResourceVersions = { '10.96.0.1:80': version };
  client.send({ typeUrl: serviceRoutingTypeUrl, resourceNamesSubscribe: names, initialResourceVersions });
  t.deepEqual((await client.take()).removedResources, ['10.96.0.9:80']);
  await writeFile(file, web);
  await after.seen(/"changed":\["Service default\/web"/);
  t.true(await client.isQuiet(50), 'the same version again is no news');
  await rm(file);
  t.deepEqual((await client.take()).removedResources, ['10.96.0.1:80']);
});

test('an agent that starts anew removes what is absent once the broken file is gone', async (t) => {
  const agent = await startAgent(t, { 'web.yaml': 'kind: [' });
  const client = new TestClient(agent.address);
  t.teardown(() => client.close());
  const initialResourceVersions = { '10.96.0.1:80': 'old' };
  client.send({ typeUrl: serviceRoutingTypeUrl, resourceNamesSubscribe: ['10.96.0.1:80'], initialResourceVersions });
  t.true(await client.isQuiet(200));
  await rm(path.join(agent.folder, 'web.yaml'));
  t.deepEqual((await client.take()).removedResources, ['10.96.0.1:80']);
});

test('SIGTERM ends the streams and the process', async (t) => {
  const agent = await startAgent(t, { 'web.yaml': web });
  const client = new TestClient(agent.address);
  client.send({ typeUrl: endpointsTypeUrl, resourceNamesSubscribe: ['default/web:80'] });
  await client.take();
  agent.signal('SIGTERM');
  t.is(await client.ended, undefined);
  t.is((await agent.exit).exitCode, 0);
  client.close();
});

const wrongSettings: readonly (readonly [title: string, env: Record<string, string>, message: RegExp])[] = [
  [
    'neither a folder nor a cluster',
    { HOME: '/nowhere', KUBECONFIG: '' },
    /no credentials for a Kubernetes API: set KUBECONFIG.*or set HEDDLE_CONFIG_DIR to a folder/,
  ],
  [
    'a kubeconfig that is not there',
    { KUBECONFIG: '/nowhere/config' },
    /kubeconfig cannot be read.*\/nowhere\/config.*correct it or KUBECONFIG/,
  ],
  [
    'a wrong port',
    { HEDDLE_CONFIG_DIR: tmpdir(), HEDDLE_READY_PORT: '0' },
    /HEDDLE_READY_PORT="0": give a whole number/,
  ],
  ['a folder that is not there', { HEDDLE_CONFIG_DIR: '/nowhere' }, /is not a folder; create it/],
  ['a wrong address', { HEDDLE_CONFIG_DIR: tmpdir(), HEDDLE_DISCOVERY_ADDRESS: '::1' }, /give host:port/],
  [
    'an address of somebody else',
    { HEDDLE_CONFIG_DIR: import.meta.dirname, HEDDLE_DISCOVERY_ADDRESS: '192.0.2.1:1' },
    /cannot listen on 192\.0\.2\.1:1.*set HEDDLE_DISCOVERY_ADDRESS/,
  ],
];

for (const [title, env, message] of wrongSettings) {
  test(`with ${title} the agent says so and ends`, async (t) => {
    const { exitCode, stderr } = await execa(process.execPath, [agentMain], { env, reject: false, timeout: 60_000 });
    t.is(exitCode, 1);
    t.regex(stderr, message);
  });
}
