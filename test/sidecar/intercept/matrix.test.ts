import type { ExecutionContext } from 'ava';
import type { NetworkNamespace } from '../../../lab/namespace.ts';
import { type Node, type Pod, nodeAddresses } from '../../../lab/node.ts';
import type { LabProcess } from '../../../lab/process.ts';
import { heddleCommand, redirectPod } from '../../../lab/programs.ts';
import type { SidecarIdentity } from '../../../lab/requirements.ts';
import { labTest } from '../../e2e/labTest.ts';

/** Which connections are redirected and what the one who stands in the middle learns of them (interception matrix). */
const addresses = {
  4: {
    client: '10.244.1.2',
    server: '10.244.1.3',
    plain: '10.244.1.4',
    service: '10.96.0.1',
    own: '10.96.0.2',
    loopback: '127.0.0.1',
    app: '127.0.0.6',
  },
  6: {
    client: 'fd00:244:1::2',
    server: 'fd00:244:1::3',
    plain: 'fd00:244:1::4',
    service: 'fd00:96::1',
    own: 'fd00:96::2',
    loopback: '::1',
    app: '::6',
  },
} as const;

for (const family of [4, 6] as const) {
  labTest(
    `IPv${family}, sidecar known by its uid: what is redirected, and as what it is seen`,
    (t, { node }) => runMatrix(t, node, family, { type: 'uid', uid: 1337 }),
    (ground) => (ground.sidecar.type === 'mark' ? 'needs root' : undefined),
  );
  labTest(`IPv${family}, sidecar known by a mark: what is redirected, and as what it is seen`, (t, { node }) =>
    runMatrix(t, node, family, { type: 'mark', mark: 7 }),
  );
}

async function runMatrix(t: ExecutionContext, node: Node, family: 4 | 6, sidecar: SidecarIdentity): Promise<void> {
  const known = addresses[family];
  const world = await setUp(node, family, sidecar);
  const { client, plain } = world;

  t.deepEqual(
    await ask(world, client, known.service, 80),
    {
      peer: known.app,
      name: 'server',
      seen: [
        `client outbound ${known.service} 80 ${known.client}`,
        `server inbound ${known.server} 8080 ${known.client}`,
      ],
    },
    'a ClusterIP is seen before kube-proxy rewrites it, and the pod sees who called',
  );
  t.deepEqual(
    await ask(world, client, known.server, 8080),
    {
      peer: known.app,
      name: 'server',
      seen: [
        `client outbound ${known.server} 8080 ${known.client}`,
        `server inbound ${known.server} 8080 ${known.client}`,
      ],
    },
    'a pod IP',
  );
  t.deepEqual(
    await ask(world, client, known.own, 80),
    {
      peer: known.app,
      name: 'client',
      seen: [`client outbound ${known.own} 80 ${known.client}`, `client inbound ${known.client} 8080 ${known.client}`],
    },
    "the pod's own ClusterIP goes through both sides of its sidecar",
  );
  t.deepEqual(await ask(world, client, known.client, 8080), direct('client', known.client), 'own pod IP');
  t.deepEqual(await ask(world, client, known.loopback, 8080), direct('client', known.loopback), 'loopback');
  t.deepEqual(
    await ask(world, node, known.server, 8080),
    { peer: known.app, name: 'server', seen: [`server inbound ${known.server} 8080 ${nodeAddresses[family]}`] },
    'a probe from the node',
  );
  t.deepEqual(
    await ask(world, plain, known.server, 8080),
    { peer: known.app, name: 'server', seen: [`server inbound ${known.server} 8080 ${known.plain}`] },
    'a pod without a sidecar',
  );
  for (const port of [9999, 15_020, 15_021]) {
    t.deepEqual(await ask(world, plain, known.server, port), direct('server', known.plain), `inbound port ${port}`);
  }
  t.deepEqual(await ask(world, client, known.plain, 8080), direct('plain', known.client), 'a skipped subnet');
  t.deepEqual(
    await ask(world, client, known.server, 7777),
    { peer: known.app, name: 'server', seen: [`server inbound ${known.server} 7777 ${known.client}`] },
    'a skipped outbound port is still inbound for the other pod',
  );
  t.deepEqual(
    await ask(world, plain, known.server, 9090),
    { failed: true, seen: [`server inbound ${known.server} 9090 ${known.plain}`] },
    'a port that the app binds to loopback only is not opened to others',
  );

  await Promise.all([world.sidecars.client.stop(), world.sidecars.server.stop()]);
  t.deepEqual(await ask(world, client, known.service, 80), { failed: true, seen: [] }, 'outbound fails closed');
  t.deepEqual(await ask(world, plain, known.server, 8080), { failed: true, seen: [] }, 'inbound fails closed');
  t.deepEqual(await ask(world, plain, known.server, 9999), direct('server', known.plain), 'a skipped port still works');
  t.deepEqual(await ask(world, client, known.loopback, 8080), direct('client', known.loopback), 'so does loopback');
}

type World = {
  readonly client: Pod;
  readonly server: Pod;
  readonly plain: Pod;
  readonly sidecars: { readonly client: LabProcess; readonly server: LabProcess };
};

async function setUp(node: Node, family: 4 | 6, sidecar: SidecarIdentity): Promise<World> {
  const known = addresses[family];
  const pods = {
    client: await node.addPod('client', [known.client]),
    server: await node.addPod('server', [known.server]),
    plain: await node.addPod('plain', [known.plain]),
  };
  await node.setService('server', {
    clusterIPs: [known.service],
    port: 80,
    endpoints: [{ address: known.server, port: 8080 }],
  });
  await node.setService('client', {
    clusterIPs: [known.own],
    port: 80,
    endpoints: [{ address: known.client, port: 8080 }],
  });
  await Promise.all([
    startApp(pods.client, '8080'),
    startApp(pods.server, '8080', '7777', '9999', '15020', '15021', `9090@${known.loopback}`),
    startApp(pods.plain, '8080'),
  ]);
  const [client, server] = await Promise.all([
    forward(pods.client, sidecar, [known.own, known.client, '8080']),
    forward(pods.server, sidecar, []),
  ]);
  const env = {
    HEDDLE_SKIP_INBOUND_PORTS: '9999',
    HEDDLE_SKIP_OUTBOUND_PORTS: '7777',
    HEDDLE_SKIP_SUBNETS: '10.244.1.4/32,fd00:244:1::4/128',
  };
  await Promise.all([pods.client, pods.server].map((pod) => redirectPod(pod, { sidecar, env })));
  return { ...pods, sidecars: { client, server } };
}

async function startApp(pod: Pod, ...places: readonly string[]): Promise<void> {
  const app = pod.start({ command: heddleCommand('test/e2e/programs/app.ts', pod.name, ...places) });
  await app.waitForLine((line) => line === 'listening', 60_000);
}

async function forward(pod: Pod, sidecar: SidecarIdentity, choice: readonly string[]): Promise<LabProcess> {
  const forwarder = pod.start({
    command: heddleCommand('test/sidecar/intercept/forwarder.ts', ...choice),
    ...(sidecar.type === 'uid' ? { uid: sidecar.uid } : { env: { HEDDLE_SIDECAR_MARK: `${sidecar.mark}` } }),
  });
  for (const direction of ['outbound', 'inbound']) {
    for (const family of [4, 6]) {
      await forwarder.waitForLine((line) => line === `listening ${direction} ${family}`, 60_000);
    }
  }
  return forwarder;
}

/** Sends one request and tells who answered, whom the app saw, and what the forwarders said meanwhile. */
async function ask(world: World, from: NetworkNamespace, address: string, port: number): Promise<unknown> {
  const before = { client: world.sidecars.client.lines.length, server: world.sidecars.server.lines.length };
  const url = address.includes(':') ? `http://[${address}]:${port}/` : `http://${address}:${port}/`;
  const { code, stdout } = await from.run({ command: ['curl', '-sS', '-m', '60', url] });
  const seen = (['client', 'server'] as const).flatMap((name) =>
    world.sidecars[name].lines.slice(before[name]).map((line) => `${name} ${line}`),
  );
  if (code !== 0) return { failed: true, seen };
  const { peer, name } = JSON.parse(stdout) as { peer: string; name: string };
  return { peer, name, seen };
}

function direct(name: string, peer: string): unknown {
  return { peer, name, seen: [] };
}
