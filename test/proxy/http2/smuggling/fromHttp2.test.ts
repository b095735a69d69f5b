import test, { type ExecutionContext } from 'ava';
import { reasonPhrase } from '../../../../proxy/message/reasonPhrases.ts';
import { joinChunks } from '../../http1/vectors/pieces.ts';
import { connect } from '../../peer.ts';
import { data, endStream, frame, rstStream, uint32 } from '../raw.ts';
import { fieldsOf } from '../vectors/requestVector.ts';
import { responseVectors } from '../vectors/responses.ts';
import { blockOf, headFrames, lastData, type Reply, routedTo, startHttp2Recorder } from './support.ts';

const okHead = (id: number): Buffer => headFrames(id, blockOf(fieldsOf(':status: 200\ncontent-length: 2\n')), 0);
const okWhole: Reply = (id) => Buffer.concat([okHead(id), lastData(id, 'ok')]);
const seenOk = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const afterWhole: Reply = (id) =>
  Buffer.concat([headFrames(id, blockOf(fieldsOf(':status: 200\ncontent-length: 5\n')), 0), lastData(id, 'after')]);
const seenAfter = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nafter';

type Case = {
  readonly title: string;
  readonly method: string;
  readonly reply: Reply;
  readonly expected: string | undefined;
};

/** What a client of HTTP/1.1 gets for the first of two requests; undefined: 502, or a cut where the head had left. */
async function gets(t: ExecutionContext, { title, method, reply, expected }: Case): Promise<void> {
  const backend = await startHttp2Recorder(t, ({ fields }) => (fields.includes(':path: /a') ? reply : afterWhole));
  const { sidecar, service } = await routedTo(t, 'http2', backend.port);
  const client = await connect(service);
  client.write(`${method} /a HTTP/1.1\r\nHost: x\r\n\r\n`);
  if (expected === undefined) {
    await client.until(({ text, ended }) => /^HTTP\/1\.1 50[23] /m.test(text) || ended !== undefined);
    if (!/^HTTP\/1\.1 50[23] /m.test(client.text)) t.is(client.ended, 'reset', title);
    // UC where the endpoint gave it up itself.
    t.regex(String((await sidecar.logged(1))[0]?.['flags']), /^(?:UPE|UC)$/, title);
  } else {
    // The next answer on the connection tells where the first one ended.
    client.write('GET /after HTTP/1.1\r\nHost: x\r\n\r\n');
    await client.until(({ text, ended }) => text.endsWith(seenAfter) || ended !== undefined);
    t.is(joinChunks(client.text.slice(0, -seenAfter.length)), joinChunks(expected), title);
    t.true(client.text.endsWith(seenAfter), title);
    for (const entry of await sidecar.logged(2)) t.is(entry['flags'], undefined, title);
  }
  client.socket.destroy();
  // A stream that was wrong takes no other with it.
  const next = await connect(service);
  next.write('GET /after HTTP/1.1\r\nHost: x\r\n\r\n');
  await next.until(({ text }) => text === seenAfter);
  t.is(backend.peers.length, 1, title);
  next.socket.destroy();
  t.deepEqual(await sidecar.leftovers(), [], title);
  await backend.close();
}

const chunks = (content: string, trailers = ''): string =>
  `${content === '' ? '' : `${content.length.toString(16)}\r\n${content}\r\n`}0\r\n${trailers}\r\n`;

for (const [rule, vectors] of Object.entries(responseVectors)) {
  test(`h2 to h1, responses, ${rule}: the client gets what the table says, or 502`, async (t) => {
    for (const { title, fields, body, method, verdict } of vectors) {
      const isHead = method === 'HEAD';
      const head = 'refused' in verdict ? {} : verdict.head;
      const status = Number(head['status'] ?? 200);
      const length = Number(head['bodyLength'] ?? -1);
      const bodiless = isHead || status === 204 || status === 304;
      const content = bodiless || length === 0 || body === 'none' ? '' : 'abcde';
      const reply: Reply = (id) => {
        const own = headFrames(id, blockOf(fields), body === 'none' ? endStream : 0);
        if (status < 200) return Buffer.concat([own, okWhole(id)]);
        return body === 'none' ? own : Buffer.concat([own, lastData(id, content)]);
      };
      if ('refused' in verdict) {
        await gets(t, { title, method, reply, expected: undefined });
        continue;
      }
      const lines = verdict.lines.map((line) => `${line.replace(/^!/, '')}\r\n`);
      const first = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n${lines.join('')}`;
      const hasLength = length >= 0 && status !== 204;
      const framing = hasLength ? `Content-Length: ${length}\r\n` : bodiless ? '' : 'Transfer-Encoding: chunked\r\n';
      const expected =
        status < 200
          ? `${first}\r\n${seenOk}`
          : `${first}${framing}\r\n${hasLength || bodiless ? content : chunks(content)}`;
      await gets(t, { title, method, reply, expected });
    }
  });
}

const piece = (id: number, content: string): Buffer => frame(data, 0, id, content);
const headOf = (id: number, lines = ''): Buffer => headFrames(id, blockOf(fieldsOf(`:status: 200\n${lines}`)), 0);
const trailersOf = (id: number, lines: string): Buffer => headFrames(id, blockOf(fieldsOf(lines)), endStream);
const evil = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil';

type BodyRow = readonly [
  title: string,
  method: string,
  lines: string,
  frames: (id: number) => readonly Buffer[],
  expected: string | undefined,
];

const inChunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const inLength = (length: number): string => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;

const rows: readonly BodyRow[] = [
  ...['0\r\n\r\n', `0\r\n\r\n${evil}`, evil, '\r\n', '5\r\nabcde\r\n', '\0'].flatMap((content): BodyRow[] => [
    [
      `${JSON.stringify(content)} of unknown length`,
      'GET',
      '',
      (id) => [lastData(id, content)],
      `${inChunks}${chunks(content)}`,
    ],
    [
      `${JSON.stringify(content)} of its length`,
      'GET',
      `content-length: ${content.length}\n`,
      (id) => [lastData(id, content)],
      `${inLength(content.length)}${content}`,
    ],
    [
      `${JSON.stringify(content)} behind the length`,
      'GET',
      'content-length: 5\n',
      (id) => [piece(id, 'abcde'), lastData(id, content)],
      undefined,
    ],
    [
      `${JSON.stringify(content)} behind a length of 0`,
      'GET',
      'content-length: 0\n',
      (id) => [lastData(id, content)],
      undefined,
    ],
    [`${JSON.stringify(content)} for HEAD`, 'HEAD', '', (id) => [lastData(id, content)], undefined],
    [
      `${JSON.stringify(content)} for HEAD, announced`,
      'HEAD',
      `content-length: ${content.length}\n`,
      (id) => [lastData(id, content)],
      undefined,
    ],
  ]),
  ['a body that is shorter', 'GET', 'content-length: 5\n', (id) => [lastData(id, 'abcd')], undefined],
  ['a body that never comes', 'GET', 'content-length: 5\n', (id) => [lastData(id, '')], undefined],
  ['a body that is reset', 'GET', '', (id) => [piece(id, 'a'), frame(rstStream, 0, id, uint32(2))], undefined],
  [
    'a body that trailers cut short',
    'GET',
    'content-length: 5\n',
    (id) => [piece(id, 'a'), trailersOf(id, 't: u\n')],
    undefined,
  ],
  ['trailers', 'GET', '', (id) => [piece(id, 'a'), trailersOf(id, 't: u\n')], `${inChunks}${chunks('a', 't: u\r\n')}`],
  [
    'trailers of a body of some length stay behind',
    'GET',
    'content-length: 1\n',
    (id) => [piece(id, 'a'), trailersOf(id, 't: u\n')],
    `${inLength(1)}a`,
  ],
  ...['set-cookie: a', 'content-length: 5', 'host: y', 'heddle-a: b', 'content-type: a'].map((line): BodyRow => [
    `trailers without ${line}`,
    'GET',
    '',
    (id) => [piece(id, 'a'), trailersOf(id, `${line}\nt: u\n`)],
    `${inChunks}${chunks('a', 't: u\r\n')}`,
  ]),
  ...[':status: 200', 'transfer-encoding: chunked', 'connection: close', 'T: u', 't: u\0', 't: u\r', 't:  u'].map(
    (line): BodyRow => [
      `trailers with ${JSON.stringify(line)}`,
      'GET',
      '',
      (id) => [piece(id, 'a'), trailersOf(id, `${line}\n`)],
      undefined,
    ],
  ),
  ['a second head', 'GET', '', (id) => [piece(id, 'a'), okHead(id), lastData(id, 'ok')], undefined],
];

for (const [title, method, lines, frames, expected] of rows) {
  test(`h2 to h1, bodies: ${title}${expected === undefined ? ' is not passed for whole' : ''}`, (t) =>
    gets(t, { title, method, reply: (id) => Buffer.concat([headOf(id, lines), ...frames(id)]), expected }));
}
