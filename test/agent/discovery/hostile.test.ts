import { connect } from 'node:net';
import { status } from '@grpc/grpc-js';
import test from 'ava';
import { endpointsTypeUrl } from '../../../routing/wire/typeUrls.ts';
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
  names.send({ typeUrl, resourceNamesSubscribe: Array.from({ length: 20_001 }, (_, index) => `n/${index}:80`) });
  t.is((await names.ended)?.code, status.RESOURCE_EXHAUSTED);
  const long = open();
  long.send({ typeUrl, resourceNamesSubscribe: ['a'.repeat(513)] });
  t.is((await long.ended)?.code, status.RESOURCE_EXHAUSTED);
  const types = open();
  for (let index = 0; index <= 8; index += 1) types.send({ typeUrl: `type${index}`, resourceNamesSubscribe: ['a'] });
  t.is((await types.ended)?.code, status.RESOURCE_EXHAUSTED);
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
