import http2 from 'node:http2';
import { connect } from 'node:net';
import { create } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import test from 'ava';
import { deltaAggregatedResources } from '../../../routing/wire/delta.ts';
import { DeltaDiscoveryRequestSchema } from '../../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { endpointsTypeUrl, serviceRoutingTypeUrl } from '../../../routing/wire/typeUrls.ts';
import { grpcMessage } from '../../grpcMessage.ts';
import { TestClient } from './client.ts';
import { makeEndpoints, startServer, webEndpoints } from './fixture.ts';
import { addressesOf } from './read.ts';

const typeUrl = endpointsTypeUrl;

test('names of an unknown type are answered as removed', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({});
  const client = open();
  client.send({ typeUrl: 'type.googleapis.com/heddle.v9.Future', resourceNamesSubscribe: ['a'] });
  t.deepEqual((await client.take()).removedResources, ['a']);
});

test('a request that is no protobuf ends its own stream only', async (t) => {
  const { publish, connect: open, address, server } = await startServer(t);
  publish({ endpoints: [makeEndpoints('10.1.0.1')] });
  const client = open();
  const garbler = new TestClient(address, () => Buffer.from('ffffffffffff', 'hex'));
  garbler.send({});
  t.is((await garbler.ended)?.code, status.INTERNAL);
  garbler.close();
  client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  t.deepEqual(addressesOf(await client.take()), ['10.1.0.1']);
  t.is(server.streams, 1);
});

test('a compressed request is refused: three megabytes of nothing are three kilobytes on their way', async (t) => {
  const { publish, connect: open, address } = await startServer(t);
  publish({ endpoints: [makeEndpoints('10.1.0.1')] });
  const client = new TestClient(address, undefined, { compressed: true });
  t.teardown(() => client.close());
  client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  t.is((await client.ended)?.code, status.UNIMPLEMENTED);
  const good = open();
  good.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  t.deepEqual(addressesOf(await good.take()), ['10.1.0.1']);
});

test('nothing counts as sent once it was taken', async (t) => {
  const { publish, connect: open, server } = await startServer(t);
  publish({});
  const client = open();
  client.send({ typeUrl, resourceNamesSubscribe: Array.from({ length: 20_000 }, (_, at) => `shop/service-${at}:80`) });
  for (let taken = 0; taken < 20_000;) taken += (await client.take()).removedResources.length;
  for (let turn = 0; turn < 50; turn += 1) {
    client.send({ typeUrl, resourceNamesSubscribe: [`shop/more-${turn}:80`] });
    await client.take();
  }
  await until(() => server.sentBytes < 2000);
  t.true(server.sentBytes < 2000, `${server.sentBytes}: no more than the head of the stream`);
  client.close();
  await until(() => server.sentBytes === 0);
  t.is(server.sentBytes, 0);
});

test('bytes that are no HTTP/2 end their own connection only', async (t) => {
  const { publish, connect: open, address } = await startServer(t);
  publish({ endpoints: [makeEndpoints('10.1.0.1')] });
  const port = Number(address.split(':')[1]);
  for (const bytes of [
    'GET / HTTP/1.1\r\n\r\n',
    '\0'.repeat(100),
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff',
  ]) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    socket.end(bytes, 'latin1');
    await new Promise((resolve) => socket.on('close', resolve));
  }
  const client = open();
  client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  t.deepEqual(addressesOf(await client.take()), ['10.1.0.1']);
});

test('a stream that asks for too much ends with RESOURCE_EXHAUSTED', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({});
  const names = open();
  names.send({ typeUrl, resourceNamesSubscribe: Array.from({ length: 40_001 }, (_, index) => `n/${index}:80`) });
  t.is((await names.ended)?.code, status.RESOURCE_EXHAUSTED);
  const long = open();
  long.send({ typeUrl, resourceNamesSubscribe: ['a'.repeat(513)] });
  t.is((await long.ended)?.code, status.RESOURCE_EXHAUSTED);
  const types = open();
  for (let index = 0; index <= 8; index += 1) types.send({ typeUrl: `type${index}`, resourceNamesSubscribe: ['a'] });
  t.is((await types.ended)?.code, status.RESOURCE_EXHAUSTED);
});

test('many types, or names as long as may be, do not multiply what a stream may ask for', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({});
  const types = open();
  for (let type = 0; type < 4; type += 1) {
    const resourceNamesSubscribe = Array.from({ length: 10_001 }, (_, index) => `n/${index}:80`);
    types.send({ typeUrl: `type${type}`, resourceNamesSubscribe });
  }
  t.is((await types.ended)?.code, status.RESOURCE_EXHAUSTED);
  const long = open();
  for (let turn = 0; turn < 8; turn += 1) {
    const resourceNamesSubscribe = Array.from({ length: 2000 }, (_, index) => `${turn} ${index}`.padEnd(500, 'a'));
    long.send({ typeUrl, resourceNamesSubscribe });
  }
  t.is((await long.ended)?.code, status.RESOURCE_EXHAUSTED);
  const version = open();
  version.send({ typeUrl, resourceNamesSubscribe: ['a'], initialResourceVersions: { a: 'v'.repeat(513) } });
  t.is((await version.ended)?.code, status.RESOURCE_EXHAUSTED);
});

test('a sidecar that comes back with 10,000 destinations and their endpoints is served', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({});
  const client = open();
  const names = Array.from({ length: 10_000 }, (_, index) => `some-namespace/some-longer-service-name-${index}:8080`);
  for (const url of [typeUrl, serviceRoutingTypeUrl]) {
    const initialResourceVersions = Object.fromEntries(names.map((name) => [name, 'abcdefghijkl']));
    client.send({ typeUrl: url, resourceNamesSubscribe: names, initialResourceVersions });
  }
  const removed = [await client.take(), await client.take()].map(({ removedResources }) => removedResources.length);
  t.true(removed.every((count) => count > 5000));
});

const believe = ({ authorization = '' }: { readonly authorization: string | undefined }) => ({
  ok: true as const,
  identityAmong: () => ({ namespace: 'shop', pod: authorization }),
});
const neverKnow = () => new Promise<never>(() => undefined);

test('of one pod that opens more and more streams the oldest end, and others keep theirs', async (t) => {
  const { publish, connect: open, server } = await startServer(t, { identify: believe });
  publish({ endpoints: [makeEndpoints('10.1.0.1')] });
  const neighbour = open({ authorization: 'b' });
  neighbour.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  await neighbour.take();
  const greedy = [];
  for (let turn = 0; turn < 10; turn += 1) {
    const client = open({ authorization: 'a' });
    client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
    await client.take();
    greedy.push(client);
  }
  for (const client of greedy.slice(0, 8)) t.is((await client.ended)?.code, status.RESOURCE_EXHAUSTED);
  await until(() => server.streams === 3);
  t.is(server.streams, 3);
  publish({ endpoints: [makeEndpoints('10.1.0.2')] });
  t.deepEqual(addressesOf(await neighbour.take()), ['10.1.0.2']);
});

test('an address has a bounded number of streams while nobody knows whose they are', async (t) => {
  const { publish, connect: open, server } = await startServer(t, { identify: neverKnow });
  publish({});
  const clients = Array.from({ length: 80 }, () => open());
  await until(() => server.streams === 64);
  const refused = await Promise.race(clients.map(({ ended }) => ended));
  t.is(refused?.code, status.RESOURCE_EXHAUSTED);
  t.is(server.streams, 64);
});

test('requests that come faster than the rate wait', async (t) => {
  const { publish, connect: open } = await startServer(t);
  publish({ endpoints: [makeEndpoints('10.1.0.1')] });
  const client = open();
  client.send({ typeUrl, resourceNamesSubscribe: ['a'] });
  await client.take();
  const before = performance.now();
  for (let turn = 0; turn < 1000; turn += 1) client.send({ typeUrl, resourceNamesUnsubscribe: ['a'] });
  client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
  t.deepEqual(addressesOf(await client.take()), ['10.1.0.1']);
  t.true(performance.now() - before > 2000);
});

test('what a sidecar says of a rejected resource is cut in the log, and told some times only', async (t) => {
  const { publish, connect: open, lines } = await startServer(t);
  publish({ endpoints: [makeEndpoints('10.1.0.1')] });
  const client = open();
  for (let turn = 0; turn < 30; turn += 1) {
    client.send({ typeUrl, resourceNamesSubscribe: [webEndpoints] });
    const { nonce } = await client.next();
    client.send({ typeUrl, responseNonce: nonce, errorDetail: { code: 3, message: 'x'.repeat(500_000) } });
  }
  const told = lines.filter(({ message }) => /rejected/.test(String(message)));
  t.true(told.length > 0 && told.length < 20, String(told.length));
  t.true(told.every((line) => JSON.stringify(line).length < 2000));
});

test('who does not read that its stream has ended loses its connection', async (t) => {
  const { publish, address, server } = await startServer(t, { maximumStreamAgeMs: 200, lingerMs: 100 });
  const many = Array.from({ length: 5000 }, (_, index) => `10.${index >> 8}.${index & 255}.1`);
  publish({ endpoints: [makeEndpoints(...many)] });
  const session = http2.connect(`http://${address}`, { settings: { initialWindowSize: 1000 } });
  session.on('error', () => undefined);
  const { path, requestSerialize } = deltaAggregatedResources;
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => undefined);
  const message = requestSerialize(
    create(DeltaDiscoveryRequestSchema, { typeUrl, resourceNamesSubscribe: [webEndpoints] }),
  );
  stream.write(grpcMessage(message));
  await until(() => server.streams === 1);
  await new Promise((resolve) => session.on('close', resolve));
  await until(() => server.streams === 0);
  t.is(server.streams, 0);
});

test('a stream that goes away is forgotten', async (t) => {
  const { publish, connect: open, server } = await startServer(t);
  publish({});
  const client = open();
  client.send({ typeUrl, resourceNamesSubscribe: ['a'] });
  await client.take();
  t.is(server.streams, 1);
  client.close();
  await until(() => server.streams === 0);
  t.is(server.streams, 0);
});

test('closing ends every stream in good order', async (t) => {
  const { publish, connect: open, server } = await startServer(t);
  publish({});
  const client = open();
  client.send({ typeUrl, resourceNamesSubscribe: ['a'] });
  await client.take();
  await server.close(20_000);
  t.is(await client.ended, undefined);
});

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3000 && !condition(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 10));
}
