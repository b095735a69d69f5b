import test from 'ava';
import { flags, frameTypes } from '../../../proxy/http2/protocol.ts';
import { FrameWriter, type Marked } from '../../../proxy/http2/frameWriter.ts';
import { connectTo } from '../accepted.ts';
import { framesOf } from './raw.ts';

test('what is written in a turn leaves in order, whatever room it takes', async (t) => {
  let writer: FrameWriter | undefined;
  const peer = await connectTo(t, (connection) => {
    writer = new FrameWriter(connection);
  });
  const sizes = [10, 100, 8000, 16_384, 5, 16_384, 16_384, 16_384, 1, 9000, 300];
  let sent = 0;
  for (const [at, size] of sizes.entries()) {
    const stream: Marked = { id: 2 * at + 1, markEpoch: -1, markAt: 0 };
    writer?.data(stream, Buffer.alloc(size, at), 0, size);
    writer?.endStream(stream);
    sent += size + 9;
  }
  await peer.receives(sent);
  const frames = framesOf(peer);
  t.is(frames.length, sizes.length);
  for (const [at, { id, type, flags: flag, payload }] of frames.entries()) {
    t.like({ id, type, flag }, { id: 2 * at + 1, type: frameTypes.data, flag: flags.endStream });
    t.true(payload.equals(Buffer.alloc(sizes[at] ?? 0, at)));
  }
});

test('a stream whose last frame has left is ended by an empty one', async (t) => {
  let writer: FrameWriter | undefined;
  const peer = await connectTo(t, (connection) => {
    writer = new FrameWriter(connection);
  });
  const stream: Marked = { id: 1, markEpoch: -1, markAt: 0 };
  writer?.data(stream, Buffer.from('abc'), 0, 3);
  await peer.receives(12);
  writer?.endStream(stream);
  await peer.receives(21);
  t.deepEqual(
    framesOf(peer).map(({ flags: flag, payload }) => [flag, payload.length]),
    [
      [0, 3],
      [1, 0],
    ],
  );
});
