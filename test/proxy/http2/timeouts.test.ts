import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { preface } from '../../../proxy/http2/protocol.ts';
import { setUp } from '../harness.ts';
import { askHttp2, connectHttp2, startHttp2Server } from './clients.ts';
import { setUpFlooded } from './flooded.ts';
import {
  both,
  codeOf,
  connectRaw,
  data,
  frame,
  framesOf,
  getBlock,
  goaway,
  headers,
  open,
  ping,
  rstStream,
  seesFrame,
  setting,
  settings,
  start,
  uint32,
  windowUpdate,
  zeros,
} from './raw.ts';

test('a client that takes nothing of its response is given up after the time for progress', async (t) => {
  const { sidecar, port } = await setUpFlooded(t, 5_000_000, { limits: { progressTimeoutMs: 2000 } });
  const peer = await connectRaw(t, port);
  peer.write(frame(headers, both, 1, getBlock));
  await seesFrame(peer, ({ type, id }) => type === rstStream && id === 1);
  t.like((await sidecar.logged(1))[0], { flags: 'SI' });
  // The connection is not at fault.
  peer.write(frame(ping, 0, 0, zeros(8)));
  await seesFrame(peer, ({ type }) => type === ping);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a response that is whole is given up as well when its client takes none of it', async (t) => {
  const { sidecar, port } = await setUpFlooded(t, 80_000, { limits: { progressTimeoutMs: 2000 } });
  const peer = await connectRaw(t, port);
  peer.write(frame(headers, both, 1, getBlock));
  await seesFrame(peer, ({ type, id }) => type === rstStream && id === 1);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a response that comes late is waited for as long as any other', async (t) => {
  const server = await startHttp2Server(t, (stream) => {
    setTimeout(() => {
      stream.respond({ ':status': 200 });
      stream.end('hello');
    }, 2500);
  });
  const sidecar = setUp(t, { limits: { progressTimeoutMs: 2000, headerTimeoutMs: 300 } });
  const noWindow = Buffer.concat([preface, frame(settings, 0, 0, setting(4, 0))]);
  const peer = await connectRaw(t, await sidecar.straight(server.port), noWindow);
  peer.write(frame(headers, both, 1, getBlock));
  await seesFrame(peer, ({ type, id }) => type === headers && id === 1);
  // It is looked at more often than that.
  await sleep(700);
  peer.write(frame(windowUpdate, 0, 1, uint32(1000)));
  await seesFrame(peer, ({ type, id, payload }) => type === data && id === 1 && payload.length === 5);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a frame that does not come to its end is waited for as long as a head', async (t) => {
  const { sidecar, port } = await setUpFlooded(t, 2, { limits: { headerTimeoutMs: 300 } });
  for (const part of [
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0'),
    Buffer.concat([start, open.subarray(0, 12)]),
    Buffer.concat([start, frame(headers, 0, 1, getBlock)]),
  ]) {
    const peer = await connectRaw(t, port, part);
    await seesFrame(peer, ({ type }) => type === goaway);
    peer.end();
    await peer.over();
  }
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a client of whose frames each comes in two reads is none that stops within one', async (t) => {
  const { sidecar, port } = await setUpFlooded(t, 2, { limits: { headerTimeoutMs: 2000 } });
  const pong = frame(ping, 0, 0, zeros(8));
  const peer = await connectRaw(t, port, Buffer.concat([start, pong.subarray(0, 12)]));
  for (let round = 1; round <= 60; round++) {
    await sleep(50);
    peer.write(Buffer.concat([pong.subarray(12), pong.subarray(0, 12)]));
    await seesFrame(peer, () => framesOf(peer).filter(({ type }) => type === ping).length >= round);
  }
  t.deepEqual(
    framesOf(peer).filter(({ type }) => type === goaway),
    [],
  );
  // One that stops for good is given up nevertheless.
  await seesFrame(peer, ({ type }) => type === goaway);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('an idle connection is closed after its time, and told so', async (t) => {
  const { sidecar, port } = await setUpFlooded(t, 2, { limits: { idleTimeoutMs: 300 } });
  const peer = await connectRaw(t, port);
  t.is(codeOf(await seesFrame(peer, ({ type }) => type === goaway)), 'NO_ERROR');
  t.is(await peer.over(), 'fin');
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a stream may be silent for longer than an exchange of HTTP/1.1 may', async (t) => {
  const { sidecar, port } = await setUpFlooded(t, 2, { limits: { progressTimeoutMs: 300, idleTimeoutMs: 300 } });
  const session = await connectHttp2(t, port);
  const stream = session.request({ ':path': '/', ':method': 'POST' });
  stream.on('error', () => undefined);
  await sleep(1500);
  t.false(stream.closed);
  t.is((await askHttp2(session, { ':method': 'GET' })).status, 200);
  stream.close();
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});
