import test from 'ava';
import { encodeFrame, FrameReader, opcodes } from '../../kubernetes/webSocketFrames.ts';

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

/** What a reader makes of bytes that come in pieces of this size. */
function readIn(size: number, all: Buffer): readonly string[] {
  const reader = new FrameReader();
  const read: string[] = [];
  for (let at = 0; at < all.length; at += size)
    for (const { opcode, payload } of reader.push(all.subarray(at, at + size)))
      read.push(`${opcode} ${payload.length > 9 ? payload.length : payload.toString('latin1')}`);
  return read;
}

// The examples of RFC 6455 section 5.7.
const received: readonly (readonly [title: string, bytes: Buffer, expected: readonly string[]])[] = [
  ['a message in one frame', bytes('81 05 48 65 6c 6c 6f'), ['1 Hello']],
  ['a message in two frames', bytes('01 03 48 65 6c 80 02 6c 6f'), ['1 Hello']],
  ['a ping', bytes('89 05 48 65 6c 6c 6f'), ['9 Hello']],
  ['a ping within a message', bytes('01 03 48 65 6c 89 00 80 02 6c 6f'), ['9 ', '1 Hello']],
  ['a message of 256 bytes', Buffer.concat([bytes('82 7e 01 00'), Buffer.alloc(256)]), ['2 256']],
  ['a message of 64 KiB', Buffer.concat([bytes('82 7f 00 00 00 00 00 01 00 00'), Buffer.alloc(65_536)]), ['2 65536']],
  ['several at once', bytes('82 01 61 82 01 62 88 02 03 e8'), ['2 a', '2 b', '8 \u0003\u00e8']],
];
for (const [title, all, expected] of received) {
  test(`A server's ${title} is read, in whatever pieces it comes`, (t) => {
    const sizes = all.length > 1000 ? [1000, 4099, all.length] : [1, 2, 3, 7, all.length];
    for (const size of sizes) t.deepEqual(readIn(size, all), expected, String(size));
  });
}

const refused: readonly (readonly [title: string, hex: string, message: RegExp])[] = [
  ['a masked frame', '81 85 37 fa 21 3d 7f 9f 4d 51 58', /masked/],
  ['a bit that was not agreed on', 'c1 05 48 65 6c 6c 6f', /agreed/],
  ['a part of no message', '80 02 6c 6f', /none had begun/],
  ['a message within another', '01 03 48 65 6c 81 02 6c 6f', /within another/],
  ['a length beyond all measure', '82 7f 00 ff ff ff ff ff ff ff', /more than/],
];
for (const [title, hex, message] of refused) {
  test(`${title} is no WebSocket`, (t) => {
    t.throws(() => new FrameReader().push(bytes(hex)), { message });
  });
}

test('a client masks what it sends', (t) => {
  const frame = encodeFrame(opcodes.text, Buffer.from('Hello'), bytes('37 fa 21 3d'));
  t.deepEqual(frame, bytes('81 85 37 fa 21 3d 7f 9f 4d 51 58'));
  for (const [length, head] of [
    [125, '82 fd'],
    [126, '82 fe 00 7e'],
    [65_535, '82 fe ff ff'],
    [65_536, '82 ff 00 00 00 00 00 01 00 00'],
  ] as const) {
    const sent = encodeFrame(opcodes.binary, Buffer.alloc(length, 7), Buffer.alloc(4));
    t.deepEqual(sent.subarray(0, bytes(head).length), bytes(head));
    t.is(sent.length, bytes(head).length + 4 + length);
    t.true(sent.subarray(bytes(head).length + 4).every((byte) => byte === 7));
  }
});
