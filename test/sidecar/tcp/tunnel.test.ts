import { createHash } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { startBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { connect } from '../peer.ts';

const megabyte = 1_048_576;
const opaque = routingSample({ protocol: 'opaque' });
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, at) => at));

test('bytes pass both ways as they are, and each side half-closes on its own', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const sidecar = setUp(t);
  sidecar.apply(opaque, endpointsOf('cart', readyEndpoint(backend.port)));
  const peer = await connect(await sidecar.service());
  peer.write(everyByte);
  const upstream = await backend.peer(0);
  await upstream.receives(256);
  t.is(upstream.text, everyByte.toString('latin1'));
  peer.end();
  t.is(await upstream.over(), 'fin');
  upstream.write(everyByte);
  await peer.receives(256);
  t.is(peer.text, everyByte.toString('latin1'));
  t.is(peer.ended, undefined);
  upstream.end();
  t.is(await peer.over(), 'fin');
  const [entry] = await sidecar.logged(1);
  t.like(entry, {
    message: 'connection',
    direction: 'outbound',
    service: 'shop/cart:80',
    backend: 'shop/cart:80',
    endpoint: `127.0.0.1:${backend.port}`,
    bytesIn: 256,
    bytesOut: 256,
    revision: 'r1',
  });
  t.is(entry?.['flags'], undefined);
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a client that half-closes without a byte still gets what the server says', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.write('hello');
    peer.end();
  });
  const sidecar = setUp(t);
  sidecar.apply(routingSample(), endpointsOf('cart', readyEndpoint(backend.port)));
  const peer = await connect(await sidecar.service());
  peer.end();
  t.is(await peer.over(), 'fin');
  t.is(peer.text, 'hello');
  t.like((await sidecar.logged(1))[0], { message: 'connection', bytesIn: 0, bytesOut: 5 });
  t.deepEqual(await sidecar.leftovers(), []);
});

test('the server may half-close first', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.write('bye');
    peer.end();
  });
  const sidecar = setUp(t);
  sidecar.apply(opaque, endpointsOf('cart', readyEndpoint(backend.port)));
  const peer = await connect(await sidecar.service());
  t.is(await peer.over(), 'fin');
  t.is(peer.text, 'bye');
  peer.write('still here');
  peer.end();
  await (await backend.peer(0)).sees('still here');
  t.is((await sidecar.logged(1))[0]?.['flags'], undefined);
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const side of ['client', 'server'] as const) {
  test(`a reset of the ${side} shows as a reset on the other side`, async (t) => {
    const backend = await startBackend(t, (peer) => peer.write('hello'));
    const sidecar = setUp(t);
    sidecar.apply(opaque, endpointsOf('cart', readyEndpoint(backend.port)));
    const peer = await connect(await sidecar.service());
    await peer.sees('hello');
    const upstream = await backend.peer(0);
    (side === 'client' ? peer : upstream).reset();
    t.is(await (side === 'client' ? upstream : peer).over(), 'reset');
    t.is((await sidecar.logged(1))[0]?.['flags'], side === 'client' ? 'DC' : 'UC');
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

/** How a connection ends; one that is reset fast may never seem to have been made. */
async function endOf(port: number): Promise<string> {
  try {
    return await (await connect(port)).over();
  } catch {
    return 'reset';
  }
}

test('a server that refuses resets the client, with UF', async (t) => {
  const backend = await startBackend(t, () => undefined);
  await backend.close();
  const sidecar = setUp(t);
  sidecar.apply(opaque, endpointsOf('cart', readyEndpoint(backend.port)));
  t.is(await endOf(await sidecar.service()), 'reset');
  t.is((await sidecar.logged(1))[0]?.['flags'], 'UF');
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a Service without endpoints resets the client, with UH', async (t) => {
  const sidecar = setUp(t);
  sidecar.apply(opaque, endpointsOf('cart'));
  t.is(await endOf(await sidecar.service()), 'reset');
  const [entry] = await sidecar.logged(1);
  t.is(entry?.['flags'], 'UH');
  t.regex(String(entry?.['reason']), /shop\/cart:80/);
  t.deepEqual(await sidecar.leftovers(), []);
});

test('without a byte either way it ends after the idle timeout, with UT', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const sidecar = setUp(t, { limits: { idleTimeoutMs: 600 } });
  sidecar.apply(opaque, endpointsOf('cart', readyEndpoint(backend.port)));
  const peer = await connect(await sidecar.service());
  const upstream = await backend.peer(0);
  for (let turn = 0; turn < 5; turn++) {
    await sleep(250);
    (turn % 2 === 0 ? peer : upstream).write('x');
  }
  t.is(peer.ended, undefined);
  await peer.over(2000);
  await upstream.over(100);
  t.is((await sidecar.logged(1))[0]?.['flags'], 'UT');
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const direction of ['up', 'down'] as const) {
  test.serial(`256 MB ${direction} to a slow reader arrive whole in flat memory`, async (t) => {
    const total = 256 * megabyte;
    const block = Buffer.alloc(megabyte, 'heddle carries this; ');
    const sockets = Promise.withResolvers<net.Socket>();
    const server = net.createServer(sockets.resolve).listen(0, '127.0.0.1');
    t.teardown(() => server.close());
    await once(server, 'listening');
    const sidecar = setUp(t);
    sidecar.apply(opaque, endpointsOf('cart', readyEndpoint((server.address() as net.AddressInfo).port)));
    const client = net.connect(await sidecar.service(), '127.0.0.1');
    const upstream = await sockets.promise;
    t.teardown(() => {
      client.destroy();
      upstream.destroy();
    });
    const [from, to] = direction === 'up' ? [client, upstream] : [upstream, client];
    const before = process.memoryUsage.rss();
    let most = before;
    const sent = createHash('sha256');
    const write = async (): Promise<void> => {
      for (let at = 0; at < total; at += block.length) {
        block.writeUInt32LE(at / megabyte, 0);
        const piece = Buffer.from(block);
        sent.update(piece);
        if (!from.write(piece)) await once(from, 'drain');
      }
      from.end();
    };
    const writing = write();
    const got = createHash('sha256');
    let bytes = 0;
    let pause = 0;
    for await (const data of to as AsyncIterable<Buffer>) {
      got.update(data);
      bytes += data.length;
      most = Math.max(most, process.memoryUsage.rss());
      if (bytes - pause < 8 * megabyte) continue;
      pause = bytes;
      await sleep(10);
    }
    await writing;
    t.is(bytes, total);
    t.is(got.digest('hex'), sent.digest('hex'));
    t.true(most - before < 120 * megabyte, `grew by ${(most - before) / megabyte} MB`);
    to.end();
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

test.serial('buffers of bulk transfers that break off are given back', async (t) => {
  const { borrowBuffer, giveBackBuffer } = await import('../../../sidecar/tcp/buffers.ts');
  const backend = await startBackend(t, (peer) => {
    peer.socket.removeAllListeners('data');
    peer.socket.pause();
  });
  const sidecar = setUp(t);
  sidecar.apply(opaque, endpointsOf('cart', readyEndpoint(backend.port)));
  const port = await sidecar.service();
  for (let turn = 0; turn < 100; turn++) {
    const client = net.connect(port, '127.0.0.1');
    client.on('error', () => undefined);
    client.write(Buffer.alloc(16 * megabyte));
    await backend.peer(turn);
    await sleep(15);
    client.resetAndDestroy();
    backend.peers[turn]?.reset();
  }
  t.deepEqual(await sidecar.leftovers(), []);
  // The line is written when the first side breaks; the other one follows.
  let borrowed: ReturnType<typeof borrowBuffer>[] = [];
  for (let turn = 0; turn < 100; turn++) {
    borrowed = Array.from({ length: 96 }, borrowBuffer);
    if (!borrowed.includes(undefined)) break;
    for (const buffer of borrowed) if (buffer !== undefined) giveBackBuffer(buffer);
    await sleep(20);
  }
  t.false(borrowed.includes(undefined), 'all 96 are there again');
  t.is(borrowBuffer(), undefined);
  for (const buffer of borrowed) if (buffer !== undefined) giveBackBuffer(buffer);
});
