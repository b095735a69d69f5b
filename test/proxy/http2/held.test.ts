import { pino } from 'pino';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { preface } from '../../../proxy/http2/protocol.ts';
import { noteHeld } from '../../../proxy/socket/held.ts';
import { limitHeld } from '../../../proxy/serve/limitHeld.ts';
import { startBackend } from '../backend.ts';
import { setUp, type Sidecar } from '../harness.ts';
import { askHttp2, connectHttp2 } from './clients.ts';
import { setUpFlooded } from './flooded.ts';
import {
  both,
  codeOf,
  connectRaw,
  data,
  emptySettings,
  endHeaders,
  frame,
  framesOf,
  headers,
  okBlock,
  postBlock,
  rstStream,
  type Seen,
  seesFrame,
  setting,
  settings,
  uint32,
  windowUpdate,
} from './raw.ts';

/** An entry of 3,900 bytes for the table, and a request of 20 bytes whose cookie is that entry 16 times. */
const cookie = Buffer.concat([Buffer.from([0x60, 127, 0xbd, 29]), Buffer.alloc(3900, 'c')]);
const largePost = Buffer.concat([postBlock.subarray(0, 3), Buffer.from([0xbf]), Buffer.alloc(16, 0xbe)]);
const largeBytes = 16 * 3900;

function held({ engine }: Sidecar): number {
  return [...engine.connections].reduce((sum, { served }) => sum + served.held, 0);
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 3000 && !holds(); turn++) await sleep(10);
}

/** So many requests without an end, from stream 3 on, behind one that fills the table. */
function largePosts(count: number): Buffer {
  const posts = Array.from({ length: count }, (_, index) => frame(headers, endHeaders, 3 + 2 * index, largePost));
  return Buffer.concat([frame(headers, endHeaders, 1, Buffer.concat([postBlock, cookie])), ...posts]);
}

test.serial('a connection has heads of 2 MiB under way at the most, as they are decoded', async (t) => {
  const { sidecar, port } = await setUpFlooded(t);
  const peer = await connectRaw(t, port);
  peer.write(largePosts(60));
  t.is(codeOf(await seesFrame(peer, ({ type, id }) => type === rstStream && id === 121)), 'REFUSED_STREAM');
  t.true(held(sidecar) > 1_900_000, `${held(sidecar)} bytes are held`);
  t.true(held(sidecar) < 2_400_000, `${held(sidecar)} bytes are held`);
  // One that is over makes room for another.
  peer.write(frame(rstStream, 0, 3, uint32(8)));
  peer.write(frame(rstStream, 0, 5, uint32(8)));
  peer.write(frame(headers, both, 1001, Buffer.from([0x82, 0x86, 0x84, 0xbf])));
  await seesFrame(peer, ({ type, id }) => type === data && id === 1001);
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test.serial('decoded heads count where what waits is bounded in all: who holds most is refused', async (t) => {
  const { sidecar, port } = await setUpFlooded(t);
  t.teardown(limitHeld(sidecar.engine.connections, 2_500_000, pino({ enabled: false })));
  const neighbour = await connectHttp2(t, port);
  for (let client = 0; client < 4; client++) (await connectRaw(t, port)).write(largePosts(20));
  await sidecar.logged(20);
  t.true(sidecar.entries.every(({ flags, status }) => flags === 'OM' && status === 503));
  t.true(held(sidecar) < 2_500_000 + 1_048_576 + largeBytes, `${held(sidecar)} bytes are held`);
  t.is((await askHttp2(neighbour, { ':method': 'GET' })).status, 200);
});

test.serial('trailers count as well', async (t) => {
  const { sidecar, port } = await setUpFlooded(t);
  const peer = await connectRaw(t, port);
  peer.write(largePosts(0));
  // The entry of the table is its cookie, which trailers may have too.
  const trailers = Buffer.alloc(4, 0xbe);
  const post = Buffer.concat([postBlock.subarray(0, 3), Buffer.from([0xbf])]);
  const ids = Array.from({ length: 60 }, (_, index) => 3 + 2 * index);
  peer.write(
    Buffer.concat(ids.flatMap((id) => [frame(headers, endHeaders, id, post), frame(headers, both, id, trailers)])),
  );
  await sidecar.outstanding(ids.length + 1);
  t.true(held(sidecar) > ids.length * 4 * 3900, `${held(sidecar)} bytes are held`);
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test.serial('what waits for an endpoint of requests that were given up counts, and goes first', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.write(emptySettings);
    // Windows for all that comes, of which it reads nothing.
    peer.write(frame(settings, 0, 0, setting(4, 100_000_000)));
    peer.write(frame(windowUpdate, 0, 0, uint32(100_000_000)));
    peer.socket.once('data', () => peer.socket.pause());
  });
  const sidecar = setUp(t);
  const port = await sidecar.straight(backend.port);
  const session = await connectHttp2(t, port);
  const streams = Array.from({ length: 20 }, () => session.request({ ':path': '/', ':method': 'POST' }));
  for (const stream of streams) {
    stream.on('error', () => undefined);
    stream.write(Buffer.alloc(1_000_000));
  }
  await until(() => sidecar.buffered > 0);
  // Until nothing more is taken of them.
  for (let before = -1; before !== sidecar.buffered; await sleep(200)) before = sidecar.buffered;
  for (const stream of streams) stream.close(8);
  await sidecar.logged(20);
  t.true(sidecar.buffered > 0, 'nothing waits for the endpoint');
  t.teardown(limitHeld(sidecar.engine.connections, 10, pino({ enabled: false })));
  await until(() => {
    noteHeld(1_048_576);
    return sidecar.buffered === 0;
  });
  t.is(sidecar.buffered, 0);
  session.destroy();
  t.deepEqual(await sidecar.leftovers(), []);
});

test.serial('a server that does not read gets what heads its connection takes, the others later', async (t) => {
  const backend = await startBackend(t, (peer) => {
    peer.write(emptySettings);
    peer.socket.once('data', () => peer.socket.pause());
    peer.socket.on('end', () => peer.end());
  });
  const sidecar = setUp(t);
  const peer = await connectRaw(t, await sidecar.straight(backend.port));
  peer.write(largePosts(0));
  await sidecar.outstanding(1);
  const rounds = 12;
  const each = 30;
  for (let round = 0; round < rounds; round++) {
    const ids = Array.from({ length: each }, (_, index) => 3 + 2 * (round * each + index));
    peer.write(Buffer.concat(ids.map((id) => frame(headers, endHeaders, id, largePost))));
    peer.write(Buffer.concat(ids.map((id) => frame(rstStream, 0, id, uint32(8)))));
    await sidecar.logged((round + 1) * each);
  }
  t.true(sidecar.buffered > 0 && sidecar.buffered < 400_000, `${sidecar.buffered} bytes wait`);
  t.true(held(sidecar) >= sidecar.buffered, `${held(sidecar)} of ${sidecar.buffered} bytes count`);
  const last = 3 + 2 * rounds * each;
  peer.write(frame(headers, both, last, Buffer.from([0x82, 0x86, 0x84, 0xbf])));
  await sidecar.outstanding(2);
  const [server] = backend.peers;
  if (server === undefined) return t.fail();
  server.socket.resume();
  const asked = (): Seen | undefined =>
    framesOf(server, preface.length).find(({ type, flags }) => type === headers && flags === both);
  await server.until(() => asked() !== undefined);
  server.write(frame(headers, both, asked()?.id ?? 0, okBlock));
  await seesFrame(peer, ({ type, id }) => type === headers && id === last);
  peer.reset();
  return t.deepEqual(await sidecar.leftovers(), []);
});
