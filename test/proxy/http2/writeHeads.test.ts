import test from 'ava';
import { HpackDecoder } from '../../../proxy/http2/hpack/decoder.ts';
import { HpackEncoder } from '../../../proxy/http2/hpack/encoder.ts';
import { writeRequestHead, writeResponseHead, writeTrailers } from '../../../proxy/http2/writeHeads.ts';
import { Fields } from '../../../proxy/message/fields.ts';
import { RequestHead, ResponseHead } from '../../../proxy/message/head.ts';
import { composeRequest, composeResponse } from '../../../proxy/http1/composeHead.ts';
import { Framing } from '../../../proxy/http1/framing.ts';
import { findHeadEnd, headIn } from '../../../proxy/http1/headBytes.ts';
import { readRequestHead, readResponseHead } from '../../../proxy/http1/readHead.ts';
import { decode } from './hpack/blocks.ts';

/** What a peer reads of a block, a field per line. */
function linesIn(write: (encoder: HpackEncoder) => void): readonly string[] {
  const encoder = new HpackEncoder();
  write(encoder);
  const { fields, problem } = decode(new HpackDecoder(4096), encoder.bytes.subarray(0, encoder.length));
  if (problem !== undefined) throw new Error(problem);
  return fields.map(([name, value, never]) => `${never === undefined ? '' : '!'}${name}: ${value}`);
}

function bytesOf(text: string) {
  const buffer = Buffer.from(text, 'latin1');
  return headIn(buffer, 0, findHeadEnd(buffer, 0, buffer.length));
}

function requestOf(text: string): RequestHead {
  const head = new RequestHead();
  if (readRequestHead(bytesOf(text), head, new Framing()) !== undefined) throw new Error(text);
  return head;
}

function responseOf(text: string): ResponseHead {
  const head = new ResponseHead();
  if (readResponseHead(bytesOf(text), head, new Framing()) !== undefined) throw new Error(text);
  return head;
}

const request = (method: string, path: string, authority = 'x'): readonly string[] => [
  `:method: ${method}`,
  ':scheme: http',
  `:path: ${path}`,
  `:authority: ${authority}`,
];

const requests: readonly (readonly [title: string, text: string, lines: readonly string[]])[] = [
  [
    'names come in small letters',
    'GET /a?b HTTP/1.1\r\nHost: x\r\nAcCept: B\r\n\r\n',
    [...request('GET', '/a?b'), 'accept: B'],
  ],
  ['an empty query stays', 'GET /a? HTTP/1.1\r\nHost: x\r\n\r\n', request('GET', '/a?')],
  [
    'nothing of the connection goes along, nor what Connection names',
    'GET /a HTTP/1.1\r\nHost: x\r\nConnection: a, keep-alive\r\nA: b\r\nKeep-Alive: c\r\nProxy-Connection: d\r\nTE: gzip\r\n\r\n',
    request('GET', '/a'),
  ],
  [
    'TE says trailers alone',
    'GET /a HTTP/1.1\r\nHost: x\r\nTE: gzip, trailers\r\n\r\n',
    [...request('GET', '/a'), 'te: trailers'],
  ],
  [
    'an upgrade is a tunnel, without the key of HTTP/1.1, nor a length',
    'GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\nContent-Length: 0\r\nSec-WebSocket-Key: a\r\n\r\n',
    [':method: CONNECT', ':protocol: websocket', ...request('GET', '/a').slice(1)],
  ],
  [
    'a length is told',
    'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 005\r\n\r\n',
    [...request('POST', '/a'), 'content-length: 5'],
  ],
  [
    'a length of 0 as well',
    'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n',
    [...request('POST', '/a'), 'content-length: 0'],
  ],
  ['no coding is', 'POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n', request('POST', '/a')],
  [
    'absolute-form becomes its parts',
    'GET http://y:81/b?c HTTP/1.1\r\nHost: x\r\n\r\n',
    request('GET', '/b?c', 'y:81'),
  ],
  [
    'its scheme too',
    'GET https://x/ HTTP/1.1\r\nHost: x\r\n\r\n',
    request('GET', '/').map((line) => line.replace('http', 'https')),
  ],
  ['OPTIONS of a whole server', 'OPTIONS http://x HTTP/1.1\r\nHost: x\r\n\r\n', request('OPTIONS', '*')],
  [
    'lines of one name stay apart, secrets are never indexed',
    'GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nAuthorization: b\r\nA: 2\r\nCookie: c\r\n\r\n',
    [...request('GET', '/'), 'a: 1', '!authorization: b', 'a: 2', '!cookie: c'],
  ],
  ['a host without its name is left out', 'GET / HTTP/1.0\r\n\r\n', request('GET', '/').slice(0, 3)],
];

for (const [title, text, lines] of requests)
  test(`HTTP/1 to HTTP/2: ${title}`, (t) =>
    t.deepEqual(
      linesIn((encoder) => writeRequestHead(encoder, requestOf(text))),
      lines,
    ));

const responses: readonly (readonly [title: string, text: string, lines: readonly string[]])[] = [
  ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: b\r\n\r\n', [':status: 200', 'a: b', 'content-length: 5']],
  ['no length', 'HTTP/1.1 404 Nope\r\nTransfer-Encoding: chunked\r\n\r\n', [':status: 404']],
  ['no length of 204', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n', [':status: 204']],
  [
    'the length of 304',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
    [':status: 304', 'content-length: 5'],
  ],
  ['an interim response', 'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n', [':status: 103', 'link: a']],
  [
    'nothing of the connection',
    'HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\nKeep-Alive: a\r\nContent-Length: 0\r\n\r\n',
    [':status: 426', 'content-length: 0'],
  ],
  [
    'a cookie that is set is never indexed',
    'HTTP/1.1 200 OK\r\nSet-Cookie: a\r\n\r\n',
    [':status: 200', '!set-cookie: a'],
  ],
];

for (const [title, text, lines] of responses)
  test(`HTTP/1 to HTTP/2, response: ${title}`, (t) =>
    t.deepEqual(
      linesIn((encoder) => writeResponseHead(encoder, responseOf(text))),
      lines,
    ));

test('white space that a filter sets around a value stays behind, obs-text does not', (t) => {
  const head = requestOf('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  head.headers.append('A', ' \tb c\xa0\t');
  head.headers.append('B', ' ');
  t.deepEqual(
    linesIn((encoder) => writeRequestHead(encoder, head)),
    [...request('GET', '/'), 'a: b c\xa0', 'b: '],
  );
});

test('what came as never indexed is passed on so, pseudo-header fields too', (t) => {
  const head = requestOf('GET / HTTP/1.1\r\nHost: x\r\nA: b\r\nC: d\r\n\r\n');
  for (const name of [':path', ':authority', 'c']) head.headers.keepSecret(name);
  const lines = [':method: GET', ':scheme: http', '!:path: /', '!:authority: x', 'a: b', '!c: d'];
  t.deepEqual(
    linesIn((encoder) => writeRequestHead(encoder, head.copy())),
    lines,
  );
  head.release();
  t.false(head.headers.isSecret('c'));
});

test('trailers: nothing of the connection, and none leave no bytes', (t) => {
  const trailers = new Fields();
  trailers.append('Connection', 'a');
  const encoder = new HpackEncoder();
  writeTrailers(encoder, trailers);
  t.is(encoder.length, 0);
  trailers.append('Grpc-Status', '0');
  t.deepEqual(
    linesIn((into) => writeTrailers(into, trailers)),
    ['grpc-status: 0'],
  );
});

test('HTTP/2 to HTTP/2: no length is put to an answer without a body', (t) => {
  const head = new ResponseHead();
  Object.assign(head, { version: '2.0', status: 200, bodyLength: 0 });
  head.headers.append('grpc-status', '12');
  t.deepEqual(
    linesIn((encoder) => writeResponseHead(encoder, head)),
    [':status: 200', 'grpc-status: 12'],
  );
  head.bodyLength = 5;
  t.is(linesIn((encoder) => writeResponseHead(encoder, head)).at(-1), 'content-length: 5');
});

test('HTTP/2 to HTTP/1: a POST without a body says so, a GET need not', (t) => {
  const head = new RequestHead();
  Object.assign(head, { version: '2.0', authority: 'x', path: '/a' });
  for (const [method, length] of [
    ['GET', ''],
    ['DELETE', ''],
    ['POST', 'Content-Length: 0\r\n'],
    ['PUT', 'Content-Length: 0\r\n'],
    ['PATCH', 'Content-Length: 0\r\n'],
  ] as const) {
    head.method = method;
    t.is(composeRequest(head), `${method} /a HTTP/1.1\r\nHost: x\r\n${length}\r\n`);
  }
});

test('HTTP/2 to HTTP/1: a status gets its phrase, or an empty one', (t) => {
  const head = new ResponseHead();
  head.version = '2.0';
  const lineOf = (status: number): string => {
    head.status = status;
    return composeResponse(head, { connection: undefined, body: 'none' }).split('\r\n')[0] ?? '';
  };
  t.deepEqual([200, 404, 299].map(lineOf), ['HTTP/1.1 200 OK', 'HTTP/1.1 404 Not Found', 'HTTP/1.1 299 ']);
});
