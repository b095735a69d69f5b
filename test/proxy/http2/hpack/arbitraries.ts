import { array, type Arbitrary, constantFrom, nat, oneof, record, string, uint8Array } from 'fast-check';
import { huffmanCodes } from '../../../../proxy/http2/hpack/huffmanCode.ts';
import { type Field, integer } from './blocks.ts';

const names = [
  [':method', ':path', ':authority', ':status', 'accept', 'authorization', 'cookie', 'set-cookie', 'content-type'],
  ['x-a', 'x-b', 'x-request-id', 'grpc-status', 'x'.repeat(63), 'x'.repeat(65), 'long'.repeat(300)],
].flat();
const values = [
  '',
  'GET',
  '/',
  '200',
  'a',
  'b',
  'gzip, deflate',
  'trailers',
  'v'.repeat(19),
  'v'.repeat(2000),
  '\xff\0\n',
];
const anyText = uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const lowerName = string({ unit: constantFrom('a', 'b', 'c', 'x', 'z', '-', '0'), minLength: 1, maxLength: 12 });

/** Fields as an encoder gets them: names in lower case, values of any bytes, most of both again and again. */
export const fieldLists: Arbitrary<readonly Field[]> = array(
  record({
    name: oneof({ weight: 3, arbitrary: constantFrom(...names) }, { weight: 1, arbitrary: lowerName }),
    value: oneof({ weight: 3, arbitrary: constantFrom(...values) }, { weight: 1, arbitrary: anyText }),
    secret: nat(9),
  }).map(({ name, value, secret }): Field => (secret === 0 ? [name, value, 'never'] : [name, value])),
  { maxLength: 12 },
);

const codes = new Map(huffmanCodes().map((code) => [code.symbol, code]));

function huffman(text: string): Buffer {
  const bits = Array.from(text, (character) => {
    const { code = 0, length = 0 } = codes.get(character.charCodeAt(0)) ?? {};
    return code.toString(2).padStart(length, '0');
  }).join('');
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1');
  return Buffer.from((padded.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)));
}

const text = record({ text: oneof(constantFrom(...names, ...values), anyText), coded: nat(1) }).map((one) => {
  const bytes = one.coded === 1 ? huffman(one.text) : Buffer.from(one.text, 'latin1');
  return Buffer.concat([integer(7, one.coded << 7, bytes.length), bytes]);
});

// Mostly indexes that there may be; hardly any that there cannot be.
const index = oneof(
  { weight: 60, arbitrary: nat({ max: 60 }).map((at) => 1 + at) },
  { weight: 10, arbitrary: nat({ max: 3 }).map((at) => 62 + at) },
  { weight: 1, arbitrary: nat({ max: 200 }) },
);
const literalName = oneof(
  index.map((at) => ({ at, name: Buffer.alloc(0) })),
  text.map((name) => ({ at: 0, name })),
);
const literalKind = constantFrom([6, 0x40], [6, 0x40], [4, 0], [4, 0x10]);
const representation = oneof(
  { weight: 4, arbitrary: index.map((at) => integer(7, 0x80, at)) },
  {
    weight: 4,
    arbitrary: record({ literalName, literalKind, text }).map(
      ({ literalName: { at, name }, literalKind: kind, text: value }) =>
        Buffer.concat([integer(kind[0] ?? 0, kind[1] ?? 0, at), name, value]),
    ),
  },
);
const sizeUpdates = array(oneof(constantFrom(0, 34, 100, 4096, 4097), nat({ max: 5000 })), { maxLength: 2 });

const writtenBlock = record({
  updates: oneof({ weight: 5, arbitrary: constantFrom<number[]>([]) }, { weight: 1, arbitrary: sizeUpdates }),
  fields: array(representation, { maxLength: 10 }),
}).map(({ updates, fields }) => Buffer.concat([...updates.map((size) => integer(5, 0x20, size)), ...fields]));

type Mutation = { readonly at: number; readonly cut: number; readonly put: Uint8Array };
const mutation = record({ at: nat({ max: 200 }), cut: nat(2), put: uint8Array({ maxLength: 2 }) });

function mutate(block: Buffer, mutations: readonly Mutation[]): Buffer {
  return mutations.reduce((before, { at, cut, put }) => {
    const place = at % (before.length + 1);
    return Buffer.concat([before.subarray(0, place), put, before.subarray(place + cut)]);
  }, block);
}

/** Blocks for one decoder: most are whole, some have bytes changed. */
export const blockLists: Arbitrary<readonly Buffer[]> = array(
  record({
    block: writtenBlock,
    mutations: oneof(
      { weight: 4, arbitrary: constantFrom<Mutation[]>([]) },
      { weight: 1, arbitrary: array(mutation, { maxLength: 2 }) },
    ),
  }).map(({ block, mutations }) => mutate(block, mutations)),
  { minLength: 1, maxLength: 8 },
);

/** Blocks as another encoder writes them, with at most one of them changed. */
export const changes = record({ in: nat({ max: 7 }), mutations: array(mutation, { minLength: 1, maxLength: 3 }) }).map(
  ({ in: at, mutations }) => ({
    at,
    change: (block: Buffer): Buffer => mutate(block, mutations),
  }),
);
