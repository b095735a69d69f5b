import test from 'ava';
import { HpackDecoder } from '../../../../proxy/http2/hpack/decoder.ts';
import { HpackEncoder } from '../../../../proxy/http2/hpack/encoder.ts';
import { decode, type Field, hex, tableOf } from './blocks.ts';

type Example = { readonly block: string; readonly fields: readonly Field[]; readonly table: readonly Field[] };

const get: Field = [':method', 'GET'];
const http: Field = [':scheme', 'http'];
const root: Field = [':path', '/'];
const example: Field = [':authority', 'www.example.com'];
const noCache: Field = ['cache-control', 'no-cache'];
const custom: Field = ['custom-key', 'custom-value'];

const requests: readonly Omit<Example, 'block'>[] = [
  { fields: [get, http, root, example], table: [example] },
  { fields: [get, http, root, example, noCache], table: [noCache, example] },
  {
    fields: [get, [':scheme', 'https'], [':path', '/index.html'], example, custom],
    table: [custom, noCache, example],
  },
];

const privately: Field = ['cache-control', 'private'];
const at21: Field = ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'];
const at22: Field = ['date', 'Mon, 21 Oct 2013 20:13:22 GMT'];
const location: Field = ['location', 'https://www.example.com'];
const gzip: Field = ['content-encoding', 'gzip'];
const cookie: Field = ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'];
const found: Field = [':status', '302'];
const temporary: Field = [':status', '307'];

const responses: readonly Omit<Example, 'block'>[] = [
  { fields: [found, privately, at21, location], table: [location, at21, privately, found] },
  { fields: [temporary, privately, at21, location], table: [temporary, location, at21, privately] },
  { fields: [[':status', '200'], privately, at22, location, gzip, cookie], table: [cookie, gzip, at22] },
];

function examples(blocks: readonly string[], of: readonly Omit<Example, 'block'>[]): readonly Example[] {
  return of.map((one, at) => ({ ...one, block: blocks[at] ?? '' }));
}

const plainRequests = [
  '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
  '8286 84be 5808 6e6f 2d63 6163 6865',
  '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
];
const plainResponses = [
  `4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32
   3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`,
  '4803 3330 37c1 c0bf',
  `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970
   7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61
   6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31`,
];

const sections: Readonly<Record<string, readonly Example[]>> = {
  'C.2.1 Literal Header Field with Indexing': [
    {
      block: '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572',
      fields: [['custom-key', 'custom-header']],
      table: [['custom-key', 'custom-header']],
    },
  ],
  'C.2.2 Literal Header Field without Indexing': [
    { block: '040c 2f73 616d 706c 652f 7061 7468', fields: [[':path', '/sample/path']], table: [] },
  ],
  'C.2.3 Literal Header Field Never Indexed': [
    { block: '1008 7061 7373 776f 7264 0673 6563 7265 74', fields: [['password', 'secret', 'never']], table: [] },
  ],
  'C.2.4 Indexed Header Field': [{ block: '82', fields: [get], table: [] }],
  'C.3 Request Examples without Huffman Coding': examples(plainRequests, requests),
  'C.4 Request Examples with Huffman Coding': examples(
    [
      '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
      '8286 84be 5886 a8eb 1064 9cbf',
      '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
    ],
    requests,
  ),
  'C.5 Response Examples without Huffman Coding': examples(plainResponses, responses),
  'C.6 Response Examples with Huffman Coding': examples(
    [
      `4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad
       1718 63c7 8f0b 97c8 e9ae 82ae 43d3`,
      '4883 640e ffc1 c0bf',
      `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2
       e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07`,
    ],
    responses,
  ),
};

// The tables of the response examples have 256 octets.
const tableOf256 = hex('3f e1 01');

for (const [title, of] of Object.entries(sections)) {
  const first = title.includes('Response') ? tableOf256 : Buffer.alloc(0);
  for (const [at] of of.entries()) {
    test(`${title}, up to block ${at + 1}`, (t) => {
      const decoder = new HpackDecoder(4096);
      t.deepEqual(decode(decoder, first), { fields: [], problem: undefined });
      for (const { block, fields } of of.slice(0, at + 1))
        t.deepEqual(decode(decoder, hex(block)), { fields, problem: undefined });
      // Asked last: behind a problem a decoder is of no use.
      t.deepEqual(tableOf(decoder), of[at]?.table);
    });
  }
}

test('C.3: the encoder writes the same bytes', (t) => {
  const encoder = new HpackEncoder();
  for (const [at, { fields }] of requests.entries()) t.deepEqual(encode(encoder, fields), hex(plainRequests[at] ?? ''));
});

test('C.5: the encoder writes the same bytes, but never indexes Set-Cookie', (t) => {
  const encoder = new HpackEncoder();
  encoder.limitTableSize(256);
  const [first = '', second = '', third = ''] = plainResponses;
  const written = responses.map(({ fields }) => encode(encoder, fields));
  t.deepEqual(written[0], Buffer.concat([tableOf256, hex(first)]));
  t.deepEqual(written[1], hex(second));
  // The same up to the name of the field: 0x1f 28 for 0x77, index 55 each.
  t.deepEqual(written[2], hex(third.replace('7738', '1f28 38')));
});

test('2.3.3: what stands in the table is written as its index, an empty value too', (t) => {
  const encoder = new HpackEncoder();
  for (const value of ['b', '']) {
    encode(encoder, [['x-a', value]]);
    t.deepEqual(encode(encoder, [['x-a', value]]), hex('be'));
  }
});

function encode(encoder: HpackEncoder, fields: readonly Field[]): Buffer {
  encoder.begin();
  for (const [name, value] of fields) encoder.field(name, value);
  return Buffer.from(encoder.bytes.subarray(0, encoder.length));
}
