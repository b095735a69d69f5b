import { HpackDecoder } from '../../proxy/http2/hpack/decoder.ts';
import { HpackEncoder } from '../../proxy/http2/hpack/encoder.ts';
import { RequestHeadReader } from '../../proxy/http2/requestHead.ts';
import { ResponseHeadReader } from '../../proxy/http2/responseHead.ts';
import { writeRequestHead, writeResponseHead } from '../../proxy/http2/writeHeads.ts';
import { RequestHead, ResponseHead } from '../../proxy/message/head.ts';
import type { Field } from '../proxy/http2/hpack/blocks.ts';
import { Deflater } from '../proxy/http2/hpack/nghttp2.ts';

// What compressing and reading heads costs, CPU µs per head: node test/bench/hpack.ts

const request = (path: string, id: string): readonly Field[] => [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', path],
  [':authority', 'cart.shop.svc.cluster.local:8080'],
  ['content-type', 'application/grpc'],
  ['user-agent', 'grpc-node-js/1.14.7'],
  ['te', 'trailers'],
  ['grpc-accept-encoding', 'identity,deflate,gzip'],
  ['accept-encoding', 'identity'],
  ['x-request-id', id],
  ['content-length', '200'],
];
const response: readonly Field[] = [
  [':status', '200'],
  ['content-type', 'application/json'],
  ['server', 'example'],
  ['date', 'Sat, 28 Nov 2026 04:00:00 GMT'],
  ['cache-control', 'no-cache'],
  ['content-length', '1024'],
];

const loads = {
  'gRPC, all known': (): readonly Field[] => request('/shop.Cart/Get', 'a5f7c2de-1b34-4e0e-9d8a-2f6f3e7b1c90'),
  'REST, path and id new each time': (at: number): readonly Field[] =>
    request(`/items/${at}?page=${at % 7}&sort=name`, `a5f7c2de-1b34-4e0e-9d8a-${String(at).padStart(12, '0')}`),
};

const count = 20_000;

function timed(title: string, each: (at: number) => void): void {
  let best = Infinity;
  for (let round = 0; round < 9; round++) {
    const before = process.cpuUsage();
    for (let at = 0; at < count; at++) each(at);
    const { user, system } = process.cpuUsage(before);
    if (round > 1) best = Math.min(best, (user + system) / count);
  }
  console.log(`${best.toFixed(3).padStart(8)} µs  ${title}`);
}

const ignore = { onField: (): void => undefined };

for (const [load, fields] of Object.entries(loads)) {
  console.log(load);
  const deflater = new Deflater();
  // Blocks of one connection, repeated: what they put into the table comes again, too.
  const theirs = Array.from({ length: count }, (_, at) => Buffer.from(deflater.encode(fields(at))));
  deflater.free();
  const warm = new HpackEncoder();
  const ours = theirs.map((_, at) => {
    warm.begin();
    for (const [name, value] of fields(at)) warm.field(name, value);
    return Buffer.from(warm.bytes.subarray(0, warm.length));
  });
  for (const [whose, blocks] of Object.entries({ nghttp2: theirs, Heddle: ours })) {
    const size = blocks.reduce((sum, block) => sum + block.length, 0) / count;
    const decoder = new HpackDecoder(4096);
    const reader = new RequestHeadReader();
    timed(`decode, written by ${whose} (${size.toFixed(0)} bytes)`, (at) => {
      const block = blocks[at] ?? Buffer.alloc(0);
      decoder.decode(block, 0, block.length, ignore);
    });
    timed(`decode and read the head, written by ${whose}`, (at) => {
      const block = blocks[at] ?? Buffer.alloc(0);
      reader.begin(new RequestHead());
      if (decoder.decode(block, 0, block.length, reader) !== undefined || reader.finish('follows') !== undefined)
        throw new Error(`head ${at}`);
    });
  }
  const encoder = new HpackEncoder();
  const heads = theirs.map((_, at) => {
    const reader = new RequestHeadReader();
    const head = new RequestHead();
    reader.begin(head);
    for (const [name, value] of fields(at)) reader.onField(name, value, 'may');
    reader.finish('follows');
    return head;
  });
  timed('write the head', (at) => writeRequestHead(encoder, heads[at] ?? new RequestHead()));
}

console.log('response');
const deflater = new Deflater();
const blocks = Array.from({ length: count }, () => Buffer.from(deflater.encode(response)));
deflater.free();
const decoder = new HpackDecoder(4096);
const reader = new ResponseHeadReader();
const encoder = new HpackEncoder();
let last = new ResponseHead();
timed('decode and read the head, written by nghttp2', (at) => {
  const block = blocks[at] ?? Buffer.alloc(0);
  reader.begin((last = new ResponseHead()));
  if (decoder.decode(block, 0, block.length, reader) !== undefined || reader.finish('follows', 'GET') !== undefined)
    throw new Error(`head ${at}`);
});
timed('write the head', () => writeResponseHead(encoder, last));
