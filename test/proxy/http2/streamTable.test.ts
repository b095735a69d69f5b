import test from 'ava';
import { array, assert, boolean, nat, property, record } from 'fast-check';
import type { Stream } from '../../../proxy/http2/stream.ts';
import { StreamTable } from '../../../proxy/http2/streamTable.ts';

const streamOf = (id: number): Stream => ({ id, nextInChain: undefined }) as Partial<Stream> as Stream;

test('a table of streams has what a map has that is given and loses the same', (t) => {
  const change = record({ number: nat(40), isAdded: boolean() });
  assert(
    property(array(change, { maxLength: 200 }), (changes) => {
      const streams = Array.from({ length: 41 }, (_, at) => streamOf(at * 2 + 1));
      const table = new StreamTable<Stream>();
      const map = new Map<number, Stream>();
      for (const { number, isAdded } of changes) {
        const stream = streams[number] ?? streamOf(1);
        if (!isAdded) {
          if (table.delete(stream) !== map.delete(stream.id)) return false;
        } else if (!map.has(stream.id)) {
          table.add(stream);
          map.set(stream.id, stream);
        }
      }
      const ids = [...map.keys()].sort((one, other) => one - other);
      const isSame = streams.every(({ id }) => table.get(id) === map.get(id) && table.has(id) === map.has(id));
      return (
        isSame &&
        table.size === map.size &&
        ids.join() ===
          table
            .all()
            .map(({ id }) => id)
            .join()
      );
    }),
  );
  t.pass();
});

test('what is taken out of it leads to no other stream', (t) => {
  const table = new StreamTable<Stream>();
  const streams = Array.from({ length: 100 }, (_, at) => streamOf(at * 2 + 1));
  for (const stream of streams) table.add(stream);
  for (const stream of streams.toSorted((one, other) => (one.id % 7) - (other.id % 7))) table.delete(stream);
  t.true(streams.every(({ nextInChain }) => nextInChain === undefined));
  t.is(table.size, 0);
});
