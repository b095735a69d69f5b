import { once } from 'node:events';
import test from 'ava';
import { drain } from '../../../sidecar/shutdown.ts';
import { setUp } from '../harness.ts';
import { connectHttp2, readAnswer, startHttp2Server } from './clients.ts';
import { setUpFlooded } from './flooded.ts';
import {
  both,
  connectRaw,
  data,
  emptySettings,
  endHeaders,
  endStream,
  frame,
  framesOf,
  getBlock,
  goaway,
  headers,
  ping,
  postBlock,
  rstStream,
  seesFrame,
  start,
} from './raw.ts';

const lastIdOf = (payload: Buffer): number => payload.readUInt32BE(0);

test('a connection is closed in two steps: what comes before its client has heard of it is served', async (t) => {
  const { sidecar, port } = await setUpFlooded(t);
  const peer = await connectRaw(t, port);
  peer.write(frame(headers, endHeaders, 1, postBlock));
  await seesFrame(peer, ({ type }) => type === 4);
  while (![...sidecar.engine.connections].some(({ served }) => !served.idle)) await once(peer.socket, 'data');
  const draining = drain({ ...sidecar.draining, graceMs: 20_000 });
  const first = await seesFrame(peer, ({ type }) => type === goaway);
  t.is(lastIdOf(first.payload), 0x7fff_ffff);
  const asked = await seesFrame(peer, ({ type, flags }) => type === ping && flags === 0);
  // It had not heard of it: this one is served.
  peer.write(frame(headers, both, 3, getBlock));
  peer.write(frame(ping, 1, 0, asked.payload));
  await seesFrame(peer, ({ type, id, flags }) => type === data && id === 3 && (flags & endStream) !== 0);
  const final = await seesFrame(peer, ({ type, payload }) => type === goaway && lastIdOf(payload) !== 0x7fff_ffff);
  t.is(lastIdOf(final.payload), 3);
  // It had: this one goes elsewhere.
  peer.write(frame(headers, both, 5, getBlock));
  await seesFrame(peer, ({ type, id }) => type === rstStream && id === 5);
  peer.write(frame(rstStream, 0, 1, Buffer.from([0, 0, 0, 8])));
  t.is(await peer.over(), 'fin');
  peer.end();
  await draining;
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a client that does not answer the PING is told the end all the same', async (t) => {
  const { sidecar, port } = await setUpFlooded(t);
  const peer = await connectRaw(t, port);
  await seesFrame(peer, ({ type }) => type === 4);
  const draining = drain({ ...sidecar.draining, graceMs: 20_000 });
  t.is(await peer.over(), 'fin');
  t.is(framesOf(peer).filter(({ type }) => type === goaway).length, 2);
  peer.end();
  await draining;
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a stream that is under way ends as it would have, and node:http2 loses nothing', async (t) => {
  const begun = Promise.withResolvers<() => void>();
  const server = await startHttp2Server(t, (stream) => {
    stream.respond({ ':status': 200 });
    stream.write('one ');
    begun.resolve(() => stream.end('two'));
  });
  const sidecar = setUp(t);
  const session = await connectHttp2(t, await sidecar.straight(server.port));
  const stream = session.request({ ':path': '/' });
  const answer = readAnswer(stream);
  const finish = await begun.promise;
  const draining = drain({ ...sidecar.draining, graceMs: 20_000 });
  await once(session, 'goaway');
  finish();
  t.is((await answer).body, 'one two');
  await draining;
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a client that half-closes behind its requests has them answered', async (t) => {
  const { sidecar, port } = await setUpFlooded(t, 1000);
  const peer = await connectRaw(t, port, Buffer.concat([start, frame(headers, both, 1, getBlock), emptySettings]));
  peer.end();
  await seesFrame(peer, ({ type, id, flags }) => type === data && id === 1 && (flags & endStream) !== 0);
  t.is(await peer.over(), 'fin');
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a connection that breaks ends all of its requests, here and at the endpoint', async (t) => {
  const closed: Promise<unknown>[] = [];
  const server = await startHttp2Server(t, (stream) => {
    closed.push(once(stream, 'close'));
  });
  const sidecar = setUp(t);
  const session = await connectHttp2(t, await sidecar.straight(server.port));
  for (let count = 0; count < 5; count++) session.request({ ':path': '/' }).on('error', () => undefined);
  while (closed.length < 5) await new Promise((resolve) => setTimeout(resolve, 5));
  session.destroy();
  await Promise.all(closed);
  t.true((await sidecar.logged(5)).every(({ status, flags }) => status === 499 && flags === 'DC'));
  t.deepEqual(await sidecar.leftovers(), []);
});
