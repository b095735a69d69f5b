import { once } from 'node:events';
import http2 from 'node:http2';
import net from 'node:net';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import test, { type ExecutionContext } from 'ava';
import type { Identify } from '../../../agent/discovery/identity.ts';
import { capabilityNames } from '../../../routing/wire/capabilities.ts';
import { deltaAggregatedResources } from '../../../routing/wire/delta.ts';
import { DeltaDiscoveryRequestSchema } from '../../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { endpointsTypeUrl as typeUrl } from '../../../routing/wire/typeUrls.ts';
import { grpcMessage } from '../../grpcMessage.ts';
import type { TestClient } from './client.ts';
import { type Fixture, makeEndpoints, startServer, webEndpoints } from './fixture.ts';
import { collectGarbage } from '../../garbage.ts';
import { addressesOf } from './read.ts';

const node = { clientFeatures: [...capabilityNames] };
const closedWindow = 1000;
/** The largest there is: only the connection's own window is left. */
const openWindow = 2 ** 31 - 1;
// One address may have few streams of which nobody knows whose they are.
const identify: Identify = ({ authorization: pod = '' }) => ({
  ok: true,
  identityAmong: () => ({ namespace: 'shop', pod }),
});
const changes = 1000;
// About 300 KB: more than the windows of the stuck stream and its connection take.
const endpointsOfBig = 10_000;
/** For a few answers that are under way, with what gRPC and HTTP/2 have made of them: more where the machine is busy. All of them are 30 MB. */
const boundMb = 8;

test('a sidecar that reads nothing delays none of 100 others, and what waits for it is bounded', async (t) => {
  const { publish, address, connect, server } = await startServer(t, { identify });
  let last = big(0);
  publish({ endpoints: [makeEndpoints('10.0.0.0'), last] });
  openStuck(t, address, closedWindow).send({ typeUrl, node, resourceNamesSubscribe: ['shop/big:80', webEndpoints] });
  const clients = await others(connect, 100);
  await until(() => server.streams === 101);
  const before = bytesOfBuffers();
  for (let turn = 1; turn <= changes; turn += 1) {
    if (turn % 10 === 0) last = big(turn / 10);
    publish({ endpoints: [makeEndpoints(addressOf(turn)), last] });
    if (turn % 100 === 0) await Promise.all(clients.map((client) => takeAll(client, addressOf(turn))));
    // gRPC must get to answer its pings.
    else await new Promise((resolve) => setImmediate(resolve));
  }
  t.is(server.streams, 101, 'nobody was sent away');
  const grownMb = (bytesOfBuffers() - before) / 2 ** 20;
  t.log(`${grownMb.toFixed(1)} MB more in buffers`);
  t.true(grownMb < boundMb, `${grownMb.toFixed(1)} MB`);
});

test('a sidecar that acknowledges what it does not read of its stream is sent no more than one that does not', async (t) => {
  const { fill } = await startBlind(t, closedWindow);
  const grownMb = await fill();
  t.log(`${grownMb.toFixed(1)} MB more in buffers`);
  t.true(grownMb < boundMb, `${grownMb.toFixed(1)} MB`);
});

test('a sidecar that reads nothing of its connection is sent no more either, and loses it once keepalive has given it up', async (t) => {
  const { relay, stuck, fill } = await startBlind(t, openWindow, { lingerMs: 100 });
  const grownMb = await fill();
  t.log(`${grownMb.toFixed(1)} MB more in buffers`);
  t.true(grownMb < boundMb, `${grownMb.toFixed(1)} MB`);
  // It hears of that when it writes.
  await until(() => {
    stuck.send({ typeUrl, responseNonce: '' });
    return relay.isClosed();
  });
  t.pass();
});

test('an agent ends, though a connection that keepalive has given up reads nothing', async (t) => {
  const { fill, server } = await startBlind(t, openWindow, { lingerMs: 3_600_000 });
  await fill();
  await until(() => server.streams === 20);
  await server.close(100);
  t.pass();
});

type Blind = {
  readonly server: Fixture['server'];
  readonly relay: Relay;
  readonly stuck: Stuck;
  /** Has it read no more, and sends it more than the kernel takes, and 20 others with it; returns by how many MB what waits has grown. */
  readonly fill: () => Promise<number>;
};

/** A stream that acknowledges what it has not read, with windows of HTTP/2 of this size. */
async function startBlind(
  t: ExecutionContext,
  window: number,
  options: { readonly lingerMs?: number } = {},
): Promise<Blind> {
  const { publish, address, connect, server } = await startServer(t, { identify, ...options });
  publish({ endpoints: [makeEndpoints('10.0.0.0'), big(0)] });
  const relay = await startRelay(t, address);
  const stuck = openStuck(t, relay.address, window);
  stuck.send({ typeUrl, node, resourceNamesSubscribe: ['shop/big:80'] });
  const clients = await others(connect, 20);
  await until(() => server.streams === 21);
  const fill = async (): Promise<number> => {
    relay.stopReading();
    const before = bytesOfBuffers();
    for (let turn = 1; turn <= 120; turn += 1) {
      // Of the one that it was sent before, if the agent sends what nobody reads.
      stuck.send({ typeUrl, responseNonce: `${turn}` });
      publish({ endpoints: [makeEndpoints(addressOf(turn)), big(turn)] });
      await Promise.all(clients.map((client) => takeAll(client, addressOf(turn))));
    }
    return (bytesOfBuffers() - before) / 2 ** 20;
  };
  return { server, relay, stuck, fill };
}

/** So many that subscribe, and have got what there is. */
async function others(connect: Fixture['connect'], count: number): Promise<readonly TestClient[]> {
  const clients = Array.from({ length: count }, (_, at) => connect({ authorization: `other-${at}` }));
  for (const client of clients) {
    client.send({ typeUrl, node, resourceNamesSubscribe: [webEndpoints] });
    await client.take();
  }
  return clients;
}

function big(turn: number): ReturnType<typeof makeEndpoints> {
  const addresses = Array.from({ length: endpointsOfBig }, (_, at) => `10.${turn}.${at >> 8}.${at & 255}`);
  return { ...makeEndpoints(...addresses), name: 'shop/big:80' };
}

/** What lives of all buffers. */
function bytesOfBuffers(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

function addressOf(turn: number): string {
  return `10.0.${turn >> 8}.${turn & 255}`;
}

/** Takes what comes until the endpoints have this address. */
async function takeAll(client: TestClient, wanted: string): Promise<void> {
  for (;;) {
    const [address] = addressesOf(await client.take());
    if (address === wanted) return;
  }
}

type Stuck = { readonly send: (request: MessageInitShape<typeof DeltaDiscoveryRequestSchema>) => void };

/** A stream that reads nothing, with windows of HTTP/2 of this size. */
function openStuck(t: ExecutionContext, address: string, window: number): Stuck {
  const session = http2.connect(`http://${address}`, { settings: { initialWindowSize: window } });
  t.teardown(() => session.destroy());
  session.on('error', () => undefined);
  session.on('connect', () => session.setLocalWindowSize(Math.max(window, 65_535)));
  const { path, requestSerialize } = deltaAggregatedResources;
  const headers = {
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    authorization: 'stuck',
  };
  const stream = session.request(headers);
  stream.on('error', () => undefined);
  return {
    send(request) {
      stream.write(grpcMessage(requestSerialize(create(DeltaDiscoveryRequestSchema, request))));
    },
  };
}

type Relay = { readonly address: string; readonly stopReading: () => void; readonly isClosed: () => boolean };

/** Stands before the agent, and passes on what clients send to the end, but what it sends until told otherwise. */
async function startRelay(t: ExecutionContext, address: string): Promise<Relay> {
  const [host = '', port = ''] = address.split(':');
  const sockets: net.Socket[] = [];
  const server = net.createServer((client) => {
    const agent = net.connect(Number(port), host);
    sockets.push(agent);
    for (const socket of [client, agent]) socket.on('error', () => undefined);
    client.pipe(agent);
    agent.pipe(client);
    t.teardown(() => [client, agent].map((socket) => socket.destroy()));
  });
  t.teardown(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const bound = server.address();
  return {
    address: `127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    stopReading() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    isClosed: () => sockets.every(({ destroyed }) => destroyed),
  };
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 3000 && !holds(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  if (!holds()) throw new Error('did not come true within half a minute');
}
