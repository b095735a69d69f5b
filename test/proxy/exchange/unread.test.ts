import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import test, { type ExecutionContext } from 'ava';
import { preface } from '../../../proxy/http2/protocol.ts';
import { limitHeld } from '../../../proxy/serve/limitHeld.ts';
import { pressure } from '../../../proxy/socket/held.ts';
import { startBackend } from '../backend.ts';
import { setUp, type SidecarOptions } from '../harness.ts';
import {
  both,
  codeOf,
  connectRaw,
  data,
  frame,
  framesOf,
  getBlock,
  headers,
  rstStream,
  seesFrame,
  setting,
  settings,
  uint32,
  windowUpdate,
} from '../http2/raw.ts';
import { setUpFlooded } from '../http2/flooded.ts';
import { connect } from '../peer.ts';

const size = 80_000;
/** More than a window, which is all that comes of it before its client takes something. */
async function unreadHttp2(t: ExecutionContext, options: SidecarOptions = {}) {
  const { sidecar, port } = await setUpFlooded(t, size, options);
  const peer = await connectRaw(t, port);
  peer.write(frame(headers, both, 1, getBlock));
  await seesFrame(peer, () => bytesOf(peer) === 65_535);
  // The endpoint has said it all, and the client has not got it.
  await sidecar.outstanding(0);
  return { sidecar, peer, port };
}

const bytesOf = (peer: Parameters<typeof framesOf>[0]): number =>
  framesOf(peer).reduce((sum, { type, payload }) => sum + (type === data ? payload.length : 0), 0);

test('a response that its client takes nothing of any more is cut off before its line, which says so', async (t) => {
  const { sidecar, peer } = await unreadHttp2(t, { limits: { progressTimeoutMs: 1000 } });
  t.is(codeOf(await seesFrame(peer, ({ type, id }) => type === rstStream && id === 1)), 'CANCEL');
  const reason = 'the client took nothing of its response for too long';
  t.like((await sidecar.logged(1))[0], { status: 200, flags: 'SI', reason, bytesOut: size });
  t.is(sidecar.entries.length, 1);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('one whose client takes a little now and then is none of those, however long it takes', async (t) => {
  const { sidecar, peer } = await unreadHttp2(t, { limits: { progressTimeoutMs: 1000 } });
  for (let round = 0; round < 12; round++) {
    await sleep(300);
    for (const id of [0, 1]) peer.write(frame(windowUpdate, 0, id, uint32(1)));
  }
  t.deepEqual(sidecar.entries, []);
  for (const id of [0, 1]) peer.write(frame(windowUpdate, 0, id, uint32(size)));
  await seesFrame(peer, () => bytesOf(peer) === size);
  t.like((await sidecar.logged(1))[0], { status: 200, flags: undefined });
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const [how, leave] of [
  ['resets it', (peer: Awaited<ReturnType<typeof connectRaw>>) => peer.write(frame(rstStream, 0, 1, uint32(8)))],
  ['goes', (peer: Awaited<ReturnType<typeof connectRaw>>) => peer.reset()],
] as const)
  test(`a whole response of which something waits is not well when its client ${how}`, async (t) => {
    const { sidecar, peer } = await unreadHttp2(t);
    leave(peer);
    t.like((await sidecar.logged(1))[0], { status: 200, flags: 'DC' });
    peer.reset();
    t.deepEqual(await sidecar.leftovers(), []);
  });

test.serial('a whole response that waits is cut off with OM where too much does', async (t) => {
  const { sidecar, peer, port } = await unreadHttp2(t);
  t.teardown(limitHeld(sidecar.engine.connections, 10_000, pino({ enabled: false })));
  t.teardown(() => void (pressure.isHigh = false));
  // Somebody else keeps something.
  const hog = await connect(port);
  hog.write(`GET / HTTP/1.1\r\nHost: ${'x'.repeat(60_000)}`);
  for (let round = 0; round < 100 && sidecar.entries.length === 0; round++) {
    const other = await connect(port);
    other.write(`GET / HTTP/1.1\r\nHost: ${'x'.repeat(60_000)}`);
    await sleep(10);
    other.reset();
  }
  t.is(codeOf(await seesFrame(peer, ({ type, id }) => type === rstStream && id === 1)), 'ENHANCE_YOUR_CALM');
  t.true(sidecar.entries.some(({ status, flags }) => status === 200 && flags === 'OM'));
  hog.reset();
  peer.reset();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('an answer of ours that its client takes nothing of is told as well', async (t) => {
  const closed = await startBackend(t, () => undefined);
  await closed.close();
  const sidecar = setUp(t, { limits: { progressTimeoutMs: 1000 } });
  const noWindow = Buffer.concat([preface, frame(settings, 0, 0, setting(4, 0))]);
  const peer = await connectRaw(t, await sidecar.straight(closed.port), noWindow);
  peer.write(frame(headers, both, 1, getBlock));
  await seesFrame(peer, ({ type, id }) => type === rstStream && id === 1);
  t.like((await sidecar.logged(1))[0], { status: 503, flags: 'SI' });
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

for (const framing of ['length', 'chunked'])
  test(`a client of HTTP/1.1 that takes nothing of a whole response is told of as well: ${framing}`, async (t) => {
    // With what is put on it more than is held back, and no more than one read brings.
    const piece = 'x'.repeat(16_300);
    const reply =
      framing === 'length'
        ? `HTTP/1.1 200 OK\r\nContent-Length: ${piece.length}\r\n\r\n${piece}`
        : `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${piece.length.toString(16)}\r\n${piece}\r\n0\r\n\r\n`;
    const backend = await startBackend(t, (peer) => {
      peer.socket.on('data', () => peer.write(reply));
      peer.socket.on('end', () => peer.end());
    });
    const sidecar = setUp(t, { via: 'y'.repeat(100), limits: { progressTimeoutMs: 1000 } });
    const client = await connect(await sidecar.straight(backend.port));
    client.socket.pause();
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000));
    t.deepEqual(await sidecar.leftovers(), []);
    const lines = await sidecar.logged(2);
    t.like(lines.at(-1), { status: 200, flags: 'SI', bytesOut: piece.length });
    t.true(lines.slice(0, -1).every(({ flags }) => flags === undefined));
  });
