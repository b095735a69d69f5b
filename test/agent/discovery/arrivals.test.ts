import test from 'ava';
import { Arrivals } from '../../../agent/discovery/arrivals.ts';

/** A message of gRPC of so many bytes. */
function message(length: number): Buffer {
  const bytes = Buffer.from(new ArrayBuffer(5 + length));
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

/** A copy with memory of its own, as what was read from a socket has. */
const read = (bytes: Buffer): Buffer => Buffer.from(new Uint8Array(bytes).buffer);

test('nothing is held of a stream that has sent nothing, or whose messages were all taken', (t) => {
  const arrivals = new Arrivals();
  t.is(arrivals.held, 0);
  arrivals.add(read(Buffer.concat([message(10), message(0), message(300)])));
  t.true(arrivals.held > 310);
  for (let turn = 0; turn < 3; turn += 1) {
    t.true(arrivals.held > 0);
    arrivals.take();
  }
  t.is(arrivals.held, 0);
});

test('an unfinished message is held with all that has come of it, until it is whole and taken', (t) => {
  const arrivals = new Arrivals();
  const bytes = message(100_000);
  let more = 0;
  for (let at = 0; at < bytes.length - 1; at += 16_384)
    more += arrivals.add(read(bytes.subarray(at, Math.min(at + 16_384, bytes.length - 1))));
  t.is(more, arrivals.held);
  t.true(arrivals.held >= 100_000 && arrivals.held < 110_000, String(arrivals.held));
  arrivals.take();
  t.true(arrivals.held >= 100_000, 'there is nothing to take');
  arrivals.add(read(bytes.subarray(-1)));
  arrivals.take();
  t.is(arrivals.held, 0);
});

test('where messages end does not matter, nor where they are cut into pieces', (t) => {
  const bytes = Buffer.concat([message(3), message(0), message(70_000), message(1)]);
  for (const size of [1, 2, 3, 7, 4096, 70_010]) {
    const arrivals = new Arrivals();
    for (let at = 0; at < bytes.length; at += size) arrivals.add(read(bytes.subarray(at, at + size)));
    for (let turn = 0; turn < 4; turn += 1) {
      t.true(arrivals.held > 0, `${turn} of pieces of ${size}`);
      arrivals.take();
    }
    t.is(arrivals.held, 0, `pieces of ${size}`);
  }
});

test('a short piece costs what it keeps: an object, and all that was read with it', (t) => {
  const one = new Arrivals();
  for (const byte of message(1000)) one.add(read(Buffer.from([byte])));
  t.true(one.held > 1000 * 256);
  const part = new Arrivals();
  part.add(read(Buffer.concat([message(1), Buffer.alloc(60_000)])).subarray(0, 7));
  part.take();
  t.true(part.held > 60_000, 'the first byte of the next message keeps the whole read');
});

test('many messages in one read cost that read once', (t) => {
  const arrivals = new Arrivals();
  const length = 1000;
  arrivals.add(read(Buffer.concat(Array.from({ length }, () => message(50)))));
  t.true(arrivals.held < length * 1024, String(arrivals.held));
});

const shreds: Readonly<Record<string, readonly [length: number, piece: number, isShredded: boolean]>> = {
  'a message in a thousand pieces of one byte': [1010, 1, false],
  'one in more pieces of one byte than chance makes': [1200, 1, true],
  'the largest message in pieces as packets bring them': [3_145_728, 1400, false],
  'the largest message in pieces of a hundred bytes': [3_145_728, 100, true],
};
for (const [title, [length, size, isShredded]] of Object.entries(shreds)) {
  test(`${title} is ${isShredded ? 'shredded' : 'a message like any other'}`, (t) => {
    const arrivals = new Arrivals();
    const bytes = read(message(length));
    let was = false;
    for (let at = 0; at < bytes.length; at += size) {
      arrivals.add(bytes.subarray(at, at + size));
      was ||= arrivals.isShredded;
    }
    t.is(was, isShredded);
    t.false(arrivals.isShredded, 'the next one begins anew');
  });
}
