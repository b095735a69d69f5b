import test from 'ava';
import { startOkBackend } from '../../backend.ts';
import { joinChunks } from '../../http1/vectors/pieces.ts';
import { continuation, data, endHeaders, endStream, frame, headers, rstStream, uint32 } from '../raw.ts';
import { fieldsOf, post } from '../vectors/requestVector.ts';
import { after, blockOf, connectClient, headFrames, lastData, routedTo } from './support.ts';

/** A POST in frames, and what a server of HTTP/1.1 gets for its body; undefined: it must not take the request for whole. */
type BodyVector = {
  readonly title: string;
  /** Header lines beside the pseudo-header fields. */
  readonly lines: string;
  readonly frames: readonly Buffer[];
  /** Header lines, and the body with its chunks joined. */
  readonly sees: readonly [lines: string, body: string] | undefined;
};

const piece = (content: string): Buffer => frame(data, 0, 1, content);
const last = (content: string): Buffer => lastData(1, content);
const trailers = (lines: string): Buffer => headFrames(1, blockOf(fieldsOf(lines)), endStream);
const padded = (content: string, length: number, flag = 0): Buffer =>
  frame(
    data,
    8 | flag,
    1,
    Buffer.concat([Buffer.from([length]), Buffer.from(content, 'latin1'), Buffer.alloc(length)]),
  );

const length = (bytes: number): string => `content-length: ${bytes}\n`;
const inLength = (bytes: number): string => `Content-Length: ${bytes}\r\n`;
const inChunks = 'Transfer-Encoding: chunked\r\n';
const evil = 'GET /evil HTTP/1.1\r\nHost: y\r\n\r\n';

const passes = (
  title: string,
  lines: string,
  frames: readonly Buffer[],
  ...sees: readonly [lines: string, body: string]
): BodyVector => ({ title, lines, frames, sees });
const cut = (title: string, lines: string, ...frames: readonly Buffer[]): BodyVector => ({
  title,
  lines,
  frames,
  sees: undefined,
});

/** What a body of unknown length may hold that would end it, or begin something else, if it were not framed anew. */
const looksLikeFraming = [
  '0\r\n\r\n',
  `0\r\n\r\n${evil}`,
  '\r\n0\r\n\r\n',
  '5\r\nabcde\r\n0\r\n\r\n',
  'ffffffffffffffff\r\n',
  '0\r\nA: b\r\n\r\n',
  '-1\r\n',
  '\r\n',
  '\n',
  '\0',
  evil,
  'HTTP/1.1 200 OK\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\x00\x00\x04\x00\x01\x00\x00\x00\x01evil',
];

const vectors: readonly BodyVector[] = [
  ...looksLikeFraming.flatMap((content) => [
    passes(`${JSON.stringify(content)} of unknown length`, '', [last(content)], inChunks, content),
    passes(
      `${JSON.stringify(content)} in single bytes`,
      '',
      Array.from(content, piece).concat(last('')),
      inChunks,
      content,
    ),
    passes(
      `${JSON.stringify(content)} of its length`,
      length(content.length),
      [last(content)],
      inLength(content.length),
      content,
    ),
    cut(`${JSON.stringify(content)} behind a length of 0`, length(0), last(content)),
    cut(`${JSON.stringify(content)} behind the length`, length(5), piece('abcde'), last(content)),
  ]),
  passes('nothing of unknown length', '', [last('')], inChunks, ''),
  passes('nothing of length 0', length(0), [last('')], inLength(0), ''),
  passes('empty frames before the body', length(5), [piece(''), piece(''), last('abcde')], inLength(5), 'abcde'),
  passes('empty frames of unknown length do not end it', '', [piece('a'), piece(''), last('b')], inChunks, 'ab'),
  passes('padding is no body', '', [padded('a', 200), padded('b', 0, endStream)], inChunks, 'ab'),
  passes('padding does not count', length(2), [padded('ab', 255), padded('', 9, endStream)], inLength(2), 'ab'),
  passes('padding alone', '', [padded('', 255, endStream)], inChunks, ''),
  cut('a length that padding would make up', length(5), padded('abc', 2, endStream)),
  cut('a body that is shorter', length(5), last('abcd')),
  cut('a body that never comes', length(5), last('')),
  cut('a body that is longer within one frame', length(5), last('abcdef')),
  cut('a body that is longer by one more frame', length(5), piece('abcde'), last('f')),
  cut('a body that was whole, and goes on', length(5), piece('abcde'), piece('f'), last('')),
  cut('a body that is reset', '', piece('abc'), frame(rstStream, 0, 1, uint32(8))),
  cut('a body of some length that is reset', length(5), piece('abc'), frame(rstStream, 0, 1, uint32(8))),
  cut('a body that was whole, and is reset', length(3), piece('abc'), frame(rstStream, 0, 1, uint32(8))),
  passes('trailers', '', [piece('a'), trailers('t: u\n')], inChunks, 'a\n0\r\nt: u\r\n\r\n'),
  passes(
    'trailers of a body of some length stay behind',
    length(1),
    [piece('a'), trailers('t: u\n')],
    inLength(1),
    'a',
  ),
  passes('trailers alone', '', [trailers('t: u\n')], inChunks, '\n0\r\nt: u\r\n\r\n'),
  ...[
    'content-length: 5',
    'host: y',
    'authorization: a',
    'cookie: a',
    'content-type: a',
    'te: trailers',
    'heddle-a: b',
    'expect: a',
  ].map((line) =>
    passes(`trailers without ${line}`, '', [piece('a'), trailers(`${line}\nt: u\n`)], inChunks, 'a\n0\r\nt: u\r\n\r\n'),
  ),
  cut('trailers before the length', length(5), piece('a'), trailers('t: u\n')),
  ...[
    'transfer-encoding: chunked',
    'connection: close',
    'T: u',
    't: u\r',
    't: u\0',
    't:  u',
    ':path: /evil',
    ':status: 200',
    ': u',
  ].map((line) => cut(`trailers with ${JSON.stringify(line)}`, '', piece('a'), trailers(`${line}\n`))),
  cut('trailers that do not end the stream', '', piece('a'), headFrames(1, blockOf(fieldsOf('t: u\n')), 0)),
  cut('a second head', '', piece('a'), headFrames(1, blockOf(fieldsOf(post)), endStream)),
  cut(
    'a head whose frames are cut by another',
    '',
    piece('a'),
    frame(headers, endStream, 1, blockOf(fieldsOf('t: u\n'))),
    piece('b'),
  ),
  cut('CONTINUATION without HEADERS', '', piece('a'), frame(continuation, endHeaders, 1, blockOf(fieldsOf('t: u\n')))),
];

const seenAfter = 'GET /after HTTP/1.1\r\nHost: x\r\n\r\n';

for (const [at, { title, lines, frames, sees }] of vectors.entries()) {
  test(`h2 to h1: ${title}${sees === undefined ? ' is no whole request' : ''} (${at})`, async (t) => {
    const backend = await startOkBackend(t);
    const { sidecar, service } = await routedTo(t, 'http1', backend.port);
    const client = await connectClient(t, service);
    // In one piece: how far a request got before it went wrong is no matter of chance then.
    client.peer.write(Buffer.concat([headFrames(1, blockOf(fieldsOf(`${post}${lines}`)), 0), ...frames]));
    if (sees !== undefined) {
      t.like(await client.ended(1), { status: 200, body: 'ok', reset: undefined });
      const [seen] = backend.requests.splice(0).map((request) => joinChunks(request.head + request.body));
      const [framing, body] = sees;
      const whole = `POST /a HTTP/1.1\r\nHost: x\r\n${framing}\r\n${body}`;
      t.is(seen, framing === inChunks && !body.includes('\n0\r\nt: u') ? `${whole}\n0\r\n\r\n` : whole);
    }
    // On another connection, since some of these end their own; what was cut must have left the endpoint's unusable.
    const next = await connectClient(t, service);
    next.peer.write(after(1));
    t.like(await next.ended(1), { status: 200, body: 'ok' });
    client.peer.end();
    next.peer.end();
    t.deepEqual(await sidecar.leftovers(), []);
    t.deepEqual(
      backend.requests.map(({ head, body }) => head + body),
      [seenAfter],
    );
    t.deepEqual(backend.problems, []);
    const logged = await sidecar.logged(2);
    t.is(logged.length, 2);
    const own = logged.find(({ path }) => path === '/a');
    t.is(own?.['status'] === 200, sees !== undefined, JSON.stringify(own));
    t.is(own?.['flags'] === undefined, sees !== undefined, JSON.stringify(own));
  });
}

test('the table holds 100 bodies', (t) => t.true(vectors.length >= 100, `${vectors.length}`));
