import test from 'ava';
import { Waiting } from '../../../proxy/http2/waiting.ts';
import { seededRandom } from '../random.ts';

test('what waits comes out as it came in, whatever the pieces, and holds little more than itself', (t) => {
  const random = seededRandom(7);
  const upTo = (most: number): number => Math.floor(random() * most);
  const all = Buffer.from(Array.from({ length: 700_000 }, () => upTo(256)));
  for (let round = 0; round < 20; round++) {
    const waiting = new Waiting();
    const mostIn = round % 2 === 0 ? 100 : 60_000;
    const out: Buffer[] = [];
    let added = 0;
    let dropped = 0;
    while (dropped < all.length) {
      const stop = Math.min(all.length, added + upTo(mostIn));
      if (stop > added) waiting.add(all, added, stop);
      added = stop;
      for (let turn = upTo(3); turn > 0 || added === all.length; turn--) {
        const { bytes, start, end } = waiting;
        if (bytes === undefined) break;
        const next = start + 1 + upTo(end - start);
        out.push(Buffer.from(bytes.subarray(start, next)));
        dropped += next - start;
        waiting.dropTo(next);
      }
      if (waiting.length !== added - dropped) t.fail(`${waiting.length} is not ${added - dropped}`);
      if (waiting.held > 2 * waiting.length + 2 * 65_536) t.fail(`${waiting.held} bytes hold ${waiting.length}`);
    }
    t.true(Buffer.concat(out).equals(all));
    t.is(waiting.held, 0);
  }
});

test('many small pieces need few buffers', (t) => {
  const waiting = new Waiting();
  for (let piece = 0; piece < 10_000; piece++) waiting.add(Buffer.of(1, 2, 3), 0, 3);
  t.is(waiting.length, 30_000);
  t.true(waiting.held <= 49_152, `${waiting.held}`);
  let buffers = 0;
  while (waiting.bytes !== undefined) {
    buffers++;
    waiting.dropTo(waiting.end);
  }
  t.true(buffers <= 14, `${buffers}`);
});
