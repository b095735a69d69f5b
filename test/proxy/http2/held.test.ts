import test from 'ava';
import { preface } from '../../../proxy/http2/protocol.ts';
import { startBackend } from '../backend.ts';
import { setUp, type Sidecar } from '../harness.ts';
import {
  both,
  connectRaw,
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
  uint32,
} from './raw.ts';

/** An entry of 3,900 bytes for the table, and a request of 20 bytes whose cookie is that entry 16 times. */
const cookie = Buffer.concat([Buffer.from([0x60, 127, 0xbd, 29]), Buffer.alloc(3900, 'c')]);
const largePost = Buffer.concat([postBlock.subarray(0, 3), Buffer.from([0xbf]), Buffer.alloc(16, 0xbe)]);

function held({ engine }: Sidecar): number {
  return [...engine.connections].reduce((sum, { served }) => sum + served.held, 0);
}

/** So many requests without an end, from stream 3 on, behind one that fills the table. */
function largePosts(count: number): Buffer {
  const posts = Array.from({ length: count }, (_, index) => frame(headers, endHeaders, 3 + 2 * index, largePost));
  return Buffer.concat([frame(headers, endHeaders, 1, Buffer.concat([postBlock, cookie])), ...posts]);
}

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
