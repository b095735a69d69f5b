import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { borrowPipe, giveBackPipe, type Pipe } from '../../../proxy/socket/pipes.ts';
import { startBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp, type Sidecar } from '../harness.ts';
import { bytesHeld } from '../memory.ts';
import { connect } from '../peer.ts';
import { seededRandom } from '../random.ts';

const megabyte = 1_048_576;
const opaque = routingSample({ protocol: 'opaque' });

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
    const before = bytesHeld();
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
      most = Math.max(most, bytesHeld());
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
    await closed(sidecar);
  });
}

/** Waits until both sides of every tunnel are closed: only then are their pipes back, which the next test counts. */
async function closed({ registry }: Sidecar): Promise<void> {
  for (let turn = 0; turn < 3000 && registry.dialled.some((one) => !one.closed); turn++) await sleep(10);
}

/** How many pipes may be borrowed; all are given back. */
function countPipes(): number {
  const pipes: Pipe[] = [];
  for (let pipe = borrowPipe(); pipe !== undefined; pipe = borrowPipe()) pipes.push(pipe);
  for (const pipe of pipes) giveBackPipe(pipe);
  return pipes.length;
}

test.serial('pipes of bulk transfers that break off are given back', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.socket.removeAllListeners('data');
    peer.socket.pause();
  });
  const sidecar = setUp(t);
  sidecar.apply(opaque, endpointsOf('cart', readyEndpoint(backend.port)));
  const port = await sidecar.service();
  const all = countPipes();
  let least = all;
  for (let turn = 0; turn < 40; turn++) {
    const client = net.connect(port, '127.0.0.1');
    client.on('error', () => undefined);
    client.write(Buffer.alloc(16 * megabyte));
    await backend.peer(turn);
    await sleep(15);
    least = Math.min(least, countPipes());
    client.resetAndDestroy();
    backend.peers[turn]?.reset();
  }
  t.true(least < all, 'a transfer that waits for its reader holds a pipe');
  t.deepEqual(await sidecar.leftovers(), []);
  // The line is written when the first side breaks; the other one follows.
  for (let turn = 0; turn < 1500 && countPipes() < all; turn++) await sleep(20);
  t.is(countPipes(), all);
});

for (const pipes of ['with', 'without'] as const) {
  test.serial(`bytes in pieces of every size pass unchanged both ways at once, ${pipes} pipes to splice`, async (t) => {
    const held: Pipe[] = [];
    if (pipes === 'without') for (let pipe = borrowPipe(); pipe !== undefined; pipe = borrowPipe()) held.push(pipe);
    t.teardown(() => {
      for (const pipe of held) giveBackPipe(pipe);
    });
    const sockets = Promise.withResolvers<net.Socket>();
    const server = net.createServer({ allowHalfOpen: true }, sockets.resolve).listen(0, '127.0.0.1');
    t.teardown(() => server.close());
    await once(server, 'listening');
    const sidecar = setUp(t);
    sidecar.apply(opaque, endpointsOf('cart', readyEndpoint((server.address() as net.AddressInfo).port)));
    const client = net.connect({ port: await sidecar.service(), host: '127.0.0.1', allowHalfOpen: true });
    const upstream = await sockets.promise;
    const [up, down] = await Promise.all([sendPieces(client, upstream, 1), sendPieces(upstream, client, 2)]);
    t.is(up.got, up.sent);
    t.is(down.got, down.sent);
    t.like((await sidecar.logged(1))[0], { bytesIn: up.bytes, bytesOut: down.bytes });
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

/** Writes pieces of 1 byte to 3 MB, now and then after a pause, to a reader that pauses too; then half-closes. */
async function sendPieces(from: net.Socket, to: net.Socket, seed: number) {
  const random = seededRandom(seed);
  const [sent, got] = [createHash('sha256'), createHash('sha256')];
  const noise = randomBytes(3 * megabyte);
  let bytes = 0;
  const write = async (): Promise<void> => {
    for (let piece = 0; piece < 120; piece++) {
      const length = Math.ceil(noise.length ** random());
      const start = Math.floor(random() * (noise.length - length));
      const data = noise.subarray(start, start + length);
      sent.update(data);
      bytes += length;
      if (!from.write(data) && random() < 0.7) await once(from, 'drain');
      if (random() < 0.1) await sleep(random() * 10);
    }
    from.end();
  };
  const writing = write();
  for await (const data of to.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    got.update(data);
    if (random() < 0.02) await sleep(random() * 10);
  }
  await writing;
  return { bytes, sent: sent.digest('hex'), got: got.digest('hex') };
}

test('a server that breaks off in the middle of a bulk transfer shows as a reset, whoever finds it', async (t) => {
  const backend = await startBackend(t, (peer) => peer.socket.write(Buffer.alloc(64 * megabyte)));
  const sidecar = setUp(t);
  sidecar.apply(opaque, endpointsOf('cart', readyEndpoint(backend.port)));
  const port = await sidecar.service();
  for (let turn = 0; turn < 20; turn++) {
    const peer = await connect(port);
    await peer.receives(megabyte);
    (await backend.peer(turn)).reset();
    t.is(await peer.over(), 'reset');
  }
  for (const entry of await sidecar.logged(20)) t.is(entry['flags'], 'UC');
  t.deepEqual(await sidecar.leftovers(), []);
});
