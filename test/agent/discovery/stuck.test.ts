import http2 from 'node:http2';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { create } from '@bufbuild/protobuf';
import test from 'ava';
import type { Identify } from '../../../agent/discovery/identity.ts';
import { capabilityNames } from '../../../routing/wire/capabilities.ts';
import { deltaAggregatedResources } from '../../../routing/wire/delta.ts';
import { DeltaDiscoveryRequestSchema } from '../../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { endpointsTypeUrl as typeUrl } from '../../../routing/wire/typeUrls.ts';
import type { TestClient } from './client.ts';
import { makeEndpoints, startServer, webEndpoints } from './fixture.ts';
import { addressesOf } from './read.ts';

const names = [...capabilityNames];
// One address may have few streams of which nobody knows whose they are.
const identify: Identify = ({ authorization: pod = '' }) => ({
  ok: true,
  identityAmong: () => ({ namespace: 'shop', pod }),
});
const changes = 1000;
// About 300 KB: more than the windows of the stuck stream and its connection take.
const endpointsOfBig = 10_000;

test('a sidecar that reads nothing delays none of 100 others, and what waits for it is bounded', async (t) => {
  const { publish, address, connect, server } = await startServer(t, { identify });
  let last = big(0);
  publish({ endpoints: [makeEndpoints('10.0.0.0'), last] });
  const stuck = openStuck(address, ['shop/big:80', webEndpoints]);
  t.teardown(() => stuck.destroy());
  const clients = Array.from({ length: 100 }, (_, at) => connect({ authorization: `other-${at}` }));
  for (const client of clients) {
    client.send({ typeUrl, node: { clientFeatures: names }, resourceNamesSubscribe: [webEndpoints] });
    await client.take();
  }
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
  // One answer that is under way, and what gRPC and HTTP/2 have made of it; all changes of the big one are 30 MB.
  const grownMb = (bytesOfBuffers() - before) / 2 ** 20;
  t.log(`${grownMb.toFixed(1)} MB more in buffers`);
  t.true(grownMb < 8, `${grownMb.toFixed(1)} MB`);
});

function big(turn: number): ReturnType<typeof makeEndpoints> {
  const addresses = Array.from({ length: endpointsOfBig }, (_, at) => `10.${turn}.${at >> 8}.${at & 255}`);
  return { ...makeEndpoints(...addresses), name: 'shop/big:80' };
}

/** What lives of all buffers. */
function bytesOfBuffers(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
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

/** A stream that subscribes and then reads nothing: its window of HTTP/2 stays closed. */
function openStuck(address: string, subscribed: string[]): http2.ClientHttp2Session {
  const session = http2.connect(`http://${address}`, { settings: { initialWindowSize: 1000 } });
  session.on('error', () => undefined);
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
  const node = { clientFeatures: names };
  const bytes = requestSerialize(
    create(DeltaDiscoveryRequestSchema, { typeUrl, node, resourceNamesSubscribe: subscribed }),
  );
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  stream.write(Buffer.concat([head, bytes]));
  return session;
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 3000 && !holds(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  if (!holds()) throw new Error('did not come true within half a minute');
}
