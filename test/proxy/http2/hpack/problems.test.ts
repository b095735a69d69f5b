import test from 'ava';
import { HpackDecoder, hpackProblems } from '../../../../proxy/http2/hpack/decoder.ts';
import { decode, type Field, hex, integer, tableOf } from './blocks.ts';

const { truncated, integer: tooLarge, index, huffman, tableSize, lateUpdate } = hpackProblems;

/** Blocks that one decoder gets in turn; the last has the problem. */
type Bad = { readonly title: string; readonly blocks: readonly string[]; readonly reason: string };
const bad = (title: string, { reason }: { readonly reason: string }, ...blocks: readonly string[]): Bad => ({
  title,
  reason,
  blocks,
});

// With one entry, `a: b`, in the table.
const entry = '40 01 61 01 62';

const badBlocks: readonly Bad[] = [
  bad('2.3.3: index 0 stands for no field', index, '80'),
  bad('2.3.3: an index right behind the static table, while the other is empty', index, 'be'),
  bad('2.3.3: an index beyond the dynamic table', index, `${entry} bf`),
  bad('2.3.3: an index far beyond the dynamic table', index, 'ff ff ff ff 7f'),
  bad('2.3.3: a name that is to be found beyond the dynamic table, with indexing', index, `${entry} 7f 00 01 62`),
  bad('2.3.3: the same without indexing', index, '0f 2f 01 62'),
  bad('2.3.3: the same never indexed', index, '1f 2f 01 62'),
  bad('4.3: an entry that a smaller table has evicted', index, entry, '20 be'),
  bad('4.3: and once the table has grown again', index, entry, '20 3f e1 1f be'),
  bad('4.4: an entry that is larger than the table empties it', index, entry, `3f 03 ${entry}`, '40 02 63 63 01 64 be'),
  bad('5.1: an integer without an end', truncated, 'ff'),
  bad('5.1: one whose continuation has no end', truncated, 'ff 80'),
  bad('5.1: a name index without an end', truncated, '7f'),
  bad('5.1: a length without an end', truncated, '40 7f'),
  bad('5.1: a table size without an end', truncated, '3f'),
  bad('5.1: an integer of more octets than any that could be meant', tooLarge, 'ff 80 80 80 80 80 01'),
  bad('5.1: the same where they are all zeros', tooLarge, 'ff 80 80 80 80 80 00'),
  bad('5.1: an integer of more than 32 bits', tooLarge, 'ff ff ff ff ff 7f'),
  bad('5.1: a length of more than 32 bits', tooLarge, '00 7f ff ff ff ff 7f'),
  bad('5.1: a table size of more than 32 bits', tooLarge, '3f ff ff ff ff 7f'),
  bad('5.2: a literal without its name', truncated, '40'),
  bad('5.2: a literal whose name is cut off', truncated, '40 02 61'),
  bad('5.2: a literal without its value', truncated, '40 01 61'),
  bad('5.2: a literal whose value is cut off', truncated, '40 01 61 02 62'),
  bad('5.2: an indexed name without a value', truncated, '41'),
  bad('5.2: a length of 4 GB', truncated, '00 7f 80 ff ff ff 0f'),
  bad('5.2: a Huffman-coded value that is cut off', truncated, '40 01 61 82 1f'),
  bad('5.2: the end-of-string symbol', huffman, '00 01 61 84 ff ff ff ff'),
  bad('5.2: the end-of-string symbol behind others', huffman, '00 01 61 85 1f ff ff ff ff'),
  bad('5.2: padding of eight ones', huffman, '00 01 61 82 1f ff'),
  bad('5.2: a string of padding alone, of eight ones', huffman, '00 01 61 81 ff'),
  bad('5.2: padding of more than a byte', huffman, '00 01 61 83 1f ff ff'),
  bad('5.2: padding of zeros', huffman, '00 01 61 81 18'),
  bad('5.2: padding of ones but for the last', huffman, '00 01 61 81 1e'),
  bad('5.2: half a code of a long symbol', huffman, '00 01 61 82 ff fe'),
  bad('5.2: a Huffman-coded name is held to the same', huffman, '00 81 18 01 62'),
  bad('6.1: as is one with indexing', huffman, '40 81 18 01 62'),
  bad('6.3: a table larger than the setting', tableSize, '3f e2 1f'),
  bad('6.3: the same behind one that is allowed', tableSize, '20 3f e2 1f'),
  bad('4.2: a change of the table size behind a field', lateUpdate, '82 20'),
  bad('4.2: behind a literal', lateUpdate, `${entry} 3f e1 1f`),
  bad('4.2: behind a literal without indexing', lateUpdate, '00 01 61 01 62 20'),
  bad('4.2: one before and one behind a field', lateUpdate, '20 82 20'),
];

for (const { title, blocks, reason } of badBlocks) {
  test(`refused: ${title}`, (t) => {
    const decoder = new HpackDecoder(4096);
    const problems = blocks.map((block) => decode(decoder, hex(block)).problem);
    t.deepEqual(problems, [...blocks.slice(1).map(() => undefined), reason]);
  });
}

const ab: Field = ['a', 'b'];
type Good = { readonly title: string; readonly block: string; readonly fields: readonly Field[] };
const good = (title: string, block: string, ...fields: readonly Field[]): Good => ({ title, block, fields });

const goodBlocks: readonly Good[] = [
  good('an empty block has no fields', ''),
  good('2.3.2: duplicate entries may stand in the table', `${entry} ${entry} be bf`, ab, ab, ab, ab),
  good('4.2: two changes of the size at the beginning', '20 3f e1 1f 82', [':method', 'GET']),
  good('4.2: a change of the size alone', '20'),
  good('4.3: a table of size 0 takes a field, but keeps nothing', `20 ${entry}`, ab),
  good('4.3: the size may be what it was', '3f e1 1f'),
  good('5.1: an integer may be padded with zeros', '0f 82 80 00 01 62', ['accept-language', 'b']),
  good('5.1: an integer that fills its prefix goes on with 0', '3f 00 0f 10 01 62', ['content-type', 'b']),
  good('5.2: a string may be empty', '00 01 61 00', ['a', '']),
  good('5.2: a name may be empty', '00 00 01 61', ['', 'a']),
  good('5.2: a Huffman-coded string may be empty', '00 01 61 80', ['a', '']),
  good('5.2: padding of three ones', '00 01 61 81 1f', ['a', 'a']),
  good('5.2: padding of seven ones', '00 01 61 83 1a 8a 7f', ['a', 'a  ']),
  good('6.2.2: a literal without indexing', '0f 09 02 61 62', ['cache-control', 'ab']),
  good('6.2.3: a literal that is never indexed tells so', '1f 08 02 61 62', ['authorization', 'ab', 'never']),
];

for (const { title, block, fields } of goodBlocks) {
  test(`decoded: ${title}`, (t) => {
    t.deepEqual(decode(new HpackDecoder(4096), hex(block)), { fields, problem: undefined });
  });
}

test('2.3.1: every index of the static table has its entry, and stays outside of the dynamic one', (t) => {
  const decoder = new HpackDecoder(4096);
  for (let at = 1; at <= 61; at++) t.is(decode(decoder, integer(7, 0x80, at)).fields.length, 1);
  t.deepEqual(tableOf(decoder), []);
});

test('4.1, 4.4: as many entries stay as their sizes have room for, the newest', (t) => {
  const decoder = new HpackDecoder(4096);
  const fields = Array.from({ length: 200 }, (_, at): Field => [`name-${at}`, 'x'.repeat(at % 40)]);
  const blocks = fields.map(([name, value]) => [
    Buffer.from([0x40]),
    integer(7, 0, name.length),
    Buffer.from(name),
    integer(7, 0, value.length),
    Buffer.from(value),
  ]);
  t.deepEqual(decode(decoder, Buffer.concat(blocks.flat())), { fields, problem: undefined });
  const kept = tableOf(decoder);
  t.deepEqual(kept, fields.slice(-kept.length).toReversed());
  t.true(sizeOf(kept) <= 4096);
  t.true(sizeOf(fields.slice(-kept.length - 1)) > 4096);
});

test('4.4: a name may be that of an entry which makes room for the field', (t) => {
  const decoder = new HpackDecoder(4096);
  // A table of 34 octets has room for `a: b` alone.
  t.deepEqual(decode(decoder, hex(`3f 03 ${entry} 7e 01 63`)).fields, [ab, ['a', 'c']]);
  t.deepEqual(tableOf(decoder), [['a', 'c']]);
});

test('a decoder that is allowed more than 4,096 octets takes them only when told to', (t) => {
  const large: Field = ['a', 'x'.repeat(5000)];
  const block = Buffer.concat([hex('40 01 61'), integer(7, 0, 5000), Buffer.from(large[1])]);
  const decoder = new HpackDecoder(65_536);
  t.deepEqual(decode(decoder, block).fields, [large]);
  t.deepEqual(tableOf(decoder), []);
  const told = new HpackDecoder(65_536);
  t.deepEqual(decode(told, Buffer.concat([integer(5, 0x20, 65_536), block])).fields, [large]);
  t.deepEqual(tableOf(told), [large]);
});

/** As RFC 7541 section 4.1 counts it. */
function sizeOf(fields: readonly Field[]): number {
  return fields.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
}
