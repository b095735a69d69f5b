import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { askHttp2, connectHttp2 } from './clients.ts';
import { setUpFlooded } from './flooded.ts';
import {
  both,
  connectRaw,
  frame,
  framesOf,
  getBlock,
  goaway,
  headers,
  postBlock,
  rstStream,
  seesFrame,
  uint32,
} from './raw.ts';

const idOf = (round: number): number => 2 * round + 1;

test('a client that cancels many of its requests, and has others answered, is none of a flood', async (t) => {
  const { sidecar, port } = await setUpFlooded(t);
  const session = await connectHttp2(t, port);
  for (let round = 0; round < 300; round++) {
    const streams = Array.from({ length: 5 }, () => session.request({ ':path': '/', ':method': 'POST' }));
    const answers = Array.from({ length: 10 }, () => askHttp2(session, { ':method': 'GET' }));
    for (const stream of streams) {
      stream.on('error', () => undefined);
      stream.close(8);
    }
    await Promise.all(answers);
  }
  t.false(session.closed);
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a client whose requests all take too long for it, so that it cancels them, is none either', async (t) => {
  const { sidecar, port } = await setUpFlooded(t);
  const session = await connectHttp2(t, port);
  for (let round = 0; round < 3; round++) {
    const streams = Array.from({ length: 800 }, () => session.request({ ':path': '/', ':method': 'POST' }));
    for (const stream of streams) stream.on('error', () => undefined);
    await sidecar.outstanding(800);
    await sleep(100);
    for (const stream of streams) stream.close(8);
    await sidecar.outstanding(0);
  }
  t.is((await askHttp2(session, { ':method': 'GET' })).status, 200);
  session.close();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a client whose requests wait 10 ms, and all in vain, is none either', async (t) => {
  const { sidecar, port } = await setUpFlooded(t);
  const peer = await connectRaw(t, port);
  const each = 100;
  for (let round = 0; round < 30; round++) {
    const ids = Array.from({ length: each }, (_, at) => idOf(round * each + at));
    peer.write(Buffer.concat(ids.map((id) => frame(headers, both, id, postBlock))));
    await sidecar.outstanding(each);
    await sleep(10);
    peer.write(Buffer.concat(ids.map((id) => frame(rstStream, 0, id, uint32(8)))));
    await sidecar.outstanding(0);
  }
  peer.write(frame(headers, both, idOf(30 * each), getBlock));
  t.is((await seesFrame(peer, ({ type }) => type === headers || type === goaway)).type, headers);
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});

test('a client that hedges each request by four more, and gives those up, is none either', async (t) => {
  const { sidecar, port } = await setUpFlooded(t, 0);
  const peer = await connectRaw(t, port);
  const calls = 20;
  for (let round = 0; round < 80; round++) {
    const ids = Array.from({ length: 5 * calls }, (_, at) => idOf(5 * calls * round + at));
    const hedges = ids.filter((_, at) => at % 5 !== 0);
    peer.write(Buffer.concat(ids.map((id, at) => frame(headers, both, id, at % 5 === 0 ? getBlock : postBlock))));
    const answers = (): number => framesOf(peer).filter(({ type }) => type === headers).length;
    await peer.until(() => answers() === (round + 1) * calls || peer.ended !== undefined);
    peer.write(Buffer.concat(hedges.map((id) => frame(rstStream, 0, id, uint32(8)))));
  }
  t.false(framesOf(peer).some(({ type }) => type === goaway));
  peer.end();
  t.deepEqual(await sidecar.leftovers(), []);
});
