import { array, type Arbitrary, assert, constantFrom, oneof, property, record, string, tuple } from 'fast-check';
import test from 'ava';
import { composeRequest, composeResponse } from '../../../proxy/http1/composeHead.ts';
import { Framing } from '../../../proxy/http1/framing.ts';
import { findHeadEnd, headIn } from '../../../proxy/http1/headBytes.ts';
import { readRequestHead, readResponseHead } from '../../../proxy/http1/readHead.ts';
import { HpackDecoder } from '../../../proxy/http2/hpack/decoder.ts';
import { HpackEncoder } from '../../../proxy/http2/hpack/encoder.ts';
import { RequestHeadReader } from '../../../proxy/http2/requestHead.ts';
import { ResponseHeadReader } from '../../../proxy/http2/responseHead.ts';
import { writeRequestHead, writeResponseHead } from '../../../proxy/http2/writeHeads.ts';
import { RequestHead, ResponseHead } from '../../../proxy/message/head.ts';
import { linesOf } from './lines.ts';

const { HEDDLE_FUZZ_SEED: seed = '20261121', HEDDLE_FUZZ_RUNS: runs = '1500' } = process.env;
const options = { seed: Number(seed), numRuns: Number(runs), errorWithCause: false };

const odd = oneof(
  string({ maxLength: 4, unit: 'binary-ascii' }),
  constantFrom('\r\n', '\xe9', '\xa0', '\x85', ' ', '\t', ':', '#'),
);
/** Mostly one of these; else with something odd in it. */
const mostly = (...usual: readonly string[]): Arbitrary<string> =>
  oneof(
    { weight: 12, arbitrary: constantFrom(...usual) },
    { weight: 1, arbitrary: tuple(constantFrom(...usual), odd, constantFrom(...usual)).map((parts) => parts.join('')) },
  );
const names = mostly(
  'a',
  'b',
  'x-a',
  'cookie',
  'te',
  'expect',
  'content-length',
  'host',
  'heddle-a',
  'accept',
  'via',
  'trailer',
  'upgrade',
);
const values = mostly('', 'b', 'c d', 'x', 'trailers', '5', '100-continue', 'a, b', '\xff', 'a=b; c=d', '"', 'gzip');
const field = tuple(names, values);
const request = record({
  pseudo: tuple(
    tuple(constantFrom(':method'), mostly('GET', 'POST', 'OPTIONS', 'HEAD', 'PURGE', 'get')),
    tuple(constantFrom(':scheme'), mostly('http', 'https')),
    tuple(constantFrom(':path'), mostly('/', '/a', '/a?b', '/?', '*', '//b', '/a/../b', '/%zz?c?d')),
    tuple(constantFrom(':authority'), mostly('x', 'x:80', '[::1]:80', 'a.b', '127.0.0.1')),
  ),
  fields: array(field, { maxLength: 6 }),
  body: constantFrom('follows' as const, 'none' as const),
});
const response = record({ status: mostly('200', '204', '304', '404', '599'), fields: array(field, { maxLength: 6 }) });

/** A head as one text, without what only one of the protocols tells. */
function told(head: RequestHead | ResponseHead): string {
  const { headers, ...rest } = head;
  // An HTTP/1.1 server is told the length of a POST without a body, and the phrase of a status.
  const {
    version: _version,
    explicitLength: _explicit,
    reason: _reason,
    target: _target,
    ...same
  } = { explicitLength: false, reason: '', target: '', ...rest };
  return JSON.stringify([
    same,
    linesOf(headers)
      .map((line) => line.replace(/^!/, ''))
      .map(lowerName),
  ]);
}

const lowerName = (line: string): string => line.replace(/^[^:]+/, (name) => name.toLowerCase());

function bytesOf(text: string) {
  const buffer = Buffer.from(text, 'latin1');
  const end = findHeadEnd(buffer, 0, buffer.length);
  if (end + 4 !== buffer.length) throw new Error(`another head ends within ${JSON.stringify(text)}`);
  return headIn(buffer, 0, end);
}

const requests = new RequestHeadReader();
const responses = new ResponseHeadReader();

test('a request that is accepted in HTTP/2 is the same one in HTTP/1.1, and in HTTP/2 again', (t) => {
  let accepted = 0;
  const encoder = new HpackEncoder();
  const decoder = new HpackDecoder(4096);
  assert(
    property(request, ({ pseudo, fields, body }) => {
      const head = new RequestHead();
      requests.begin(head);
      for (const [name, value] of [...pseudo, ...fields]) requests.onField(name, value, 'may');
      if (requests.finish(body) !== undefined) return;
      accepted++;
      const expected = told(head);
      const old = new RequestHead();
      const refusal = readRequestHead(bytesOf(composeRequest(head)), old, new Framing());
      if (refusal !== undefined) throw new Error(`HTTP/1.1 refuses it: ${refusal.message}`);
      // Absolute-form is what alone could tell it there.
      old.scheme = head.scheme;
      if (told(old) !== withTeLast(expected)) throw new Error(`${expected} became ${told(old)}`);
      writeRequestHead(encoder, old);
      const again = new RequestHead();
      requests.begin(again);
      const problem = decoder.decode(Buffer.from(encoder.bytes), 0, encoder.length, requests);
      if (problem !== undefined) throw new Error(problem.reason);
      const refused = requests.finish(old.bodyLength === 0 ? 'none' : 'follows');
      if (refused !== undefined) throw new Error(`HTTP/2 refuses it: ${refused.message}`);
      if (told(again) !== withCookieLast(told(old))) throw new Error(`${told(old)} became ${told(again)}`);
    }),
    options,
  );
  t.log({ accepted });
  t.true(accepted > options.numRuns / 10);
});

test('a response that is accepted in HTTP/2 is the same one in HTTP/1.1, and in HTTP/2 again', (t) => {
  let accepted = 0;
  const encoder = new HpackEncoder();
  const decoder = new HpackDecoder(4096);
  assert(
    property(response, ({ status, fields }) => {
      const head = new ResponseHead();
      responses.begin(head);
      for (const [name, value] of [[':status', status] as const, ...fields]) responses.onField(name, value, 'may');
      if (responses.finish('follows', 'GET') !== undefined) return;
      accepted++;
      const body = head.bodyLength >= 0 ? 'length' : head.status === 204 || head.status === 304 ? 'none' : 'chunked';
      const old = new ResponseHead();
      const refusal = readResponseHead(
        bytesOf(composeResponse(head, { connection: undefined, body })),
        old,
        new Framing(),
      );
      if (refusal !== undefined) throw new Error(`HTTP/1.1 refuses it: ${refusal.message}`);
      // 204 tells no length.
      if (head.status === 204) old.bodyLength = head.bodyLength;
      if (told(old) !== told(head)) throw new Error(`${told(head)} became ${told(old)}`);
      writeResponseHead(encoder, old);
      const again = new ResponseHead();
      responses.begin(again);
      const problem = decoder.decode(Buffer.from(encoder.bytes), 0, encoder.length, responses);
      if (problem !== undefined) throw new Error(problem.reason);
      const refused = responses.finish('follows', 'GET');
      if (refused !== undefined) throw new Error(`HTTP/2 refuses it: ${refused.message}`);
      if (head.status === 204) again.bodyLength = old.bodyLength;
      if (told(again) !== told(old)) throw new Error(`${told(old)} became ${told(again)}`);
    }),
    options,
  );
  t.log({ accepted });
  t.true(accepted > options.numRuns / 10);
});

/** HTTP/1.1's reader puts TE behind the others. */
function withTeLast(text: string): string {
  return moved(text, 'te: ');
}

/** HTTP/2's does so with the one cookie that the pieces make. */
function withCookieLast(text: string): string {
  return moved(text, 'cookie: ');
}

function moved(text: string, start: string): string {
  const [head, lines] = JSON.parse(text) as [unknown, string[]];
  const ofIt = lines.filter((line) => line.startsWith(start));
  return JSON.stringify([head, [...lines.filter((line) => !line.startsWith(start)), ...ofIt]]);
}
