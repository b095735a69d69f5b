import { fieldsOf, type HeadVector, type RefusalName } from './requestVector.ts';

/** `method`: of the request. */
export type ResponseVector = HeadVector & { readonly method: string };

const ok = ':status: 200\n';

const refused = (
  title: string,
  name: RefusalName,
  text: string,
  body: 'follows' | 'none' = 'follows',
): ResponseVector => ({
  title,
  fields: fieldsOf(text),
  body,
  method: 'GET',
  verdict: { refused: name },
});

/** What stands in `head` beside what is told holds for a 200 of unknown length. */
const passes = (
  title: string,
  text: string,
  head: Readonly<Record<string, unknown>>,
  lines: readonly string[] = [],
): ResponseVector => ({ title, fields: fieldsOf(text), body: 'follows', method: 'GET', verdict: { head, lines } });

const ended = (vector: ResponseVector): ResponseVector => ({ ...vector, body: 'none' });
const toHead = (vector: ResponseVector): ResponseVector => ({ ...vector, method: 'HEAD' });

const many = (count: number): string => Array.from({ length: count }, (_, at) => `n${at}: v\n`).join('');

/** RFC 9113 sections 8.1, 8.3.2 and 8.6. */
const statuses: readonly ResponseVector[] = [
  passes('200', ok, {}),
  ...[100, 103, 199, 204, 299, 304, 404, 599, 600, 999].map((status) =>
    passes(`${status}`, `:status: ${status}\n`, { status }),
  ),
  refused('none', 'status', 'a: b\n'),
  refused('an empty block', 'status', ''),
  ...['', '20', '2000', '099', '000', '2x0', '+20', ' 20', '200 ', '-20', '2.0'].map((status) =>
    refused(JSON.stringify(status), 'status', `:status: ${status}\n`),
  ),
  refused('two', 'status', `${ok}${ok}`),
  refused('one behind an ordinary field', 'pseudo', `a: b\n${ok}`),
  refused('a second one behind an ordinary field', 'pseudo', `${ok}a: b\n${ok}`),
  refused('101', 'interim', ':status: 101\nupgrade2: a\n'),
  refused('an interim one that ends the stream', 'interim', ':status: 103\n', 'none'),
  refused('a pseudo-header field of a request', 'pseudo', `${ok}:path: /\n`),
  refused('an unknown one', 'pseudo', `${ok}:other: a\n`),
];

const bodies: readonly ResponseVector[] = [
  passes('a body of 5', `${ok}content-length: 5\n`, { bodyLength: 5 }),
  passes('a body of 0 with its end to come', `${ok}content-length: 0\n`, { bodyLength: 0 }),
  ended(passes('no body', ok, { bodyLength: 0 })),
  ended(passes('no body, and told so', `${ok}content-length: 0\n`, { bodyLength: 0 })),
  refused('a body that does not follow', 'bodyMissing', `${ok}content-length: 5\n`, 'none'),
  ended(toHead(passes('HEAD tells the length', `${ok}content-length: 5\n`, { bodyLength: 5 }))),
  ended(toHead(passes('HEAD may leave it out', ok, { bodyLength: -1 }))),
  ended(passes('304 tells the length', ':status: 304\ncontent-length: 5\n', { status: 304, bodyLength: 5 })),
  ended(passes('304 may leave it out', ':status: 304\n', { status: 304, bodyLength: -1 })),
  ended(passes('204 has none', ':status: 204\n', { status: 204, bodyLength: -1 })),
  ...['', '-1', '5a', '1,1', '9007199254740992'].map((value) =>
    refused(`content-length: ${value}`, 'contentLength', `${ok}content-length: ${value}\n`),
  ),
  refused('two lengths', 'contentLength', `${ok}content-length: 5\ncontent-length: 5\n`),
];

const fields: readonly ResponseVector[] = [
  passes('fields of one name stay apart and in order', `${ok}set-cookie: a\nb: c\nset-cookie: d\n`, {}, [
    'set-cookie: a',
    'b: c',
    'set-cookie: d',
  ]),
  passes('Host means nothing, and is dropped', `${ok}host: x\n`, {}),
  ...['heddle-', 'heddle-a', 'heddle-again', 'heddle-another', 'heddle-abcdefghi'].map((name) =>
    passes(`a field of ours, of ${name.length} letters, is told`, `${ok}${name}: b\n`, { hasOwnFields: true }, [
      `${name}: b`,
    ]),
  ),
  passes('fields of ours are told', `${ok}heddle-a: b\n`, { hasOwnFields: true }, ['heddle-a: b']),
  passes('a field that is never to be indexed', `${ok}!set-cookie: b\n`, {}, ['!set-cookie: b']),
  ...['A: b', 'a : b', 'a\x7f: b'].map((line) => refused(`the name of ${line}`, 'fieldName', `${ok}${line}\n`)),
  ...[' b', 'b ', 'b\0', 'b\rc', 'b\x1b'].map((value) =>
    refused(`the value ${JSON.stringify(value)}`, 'fieldValue', `${ok}a: ${value}\n`),
  ),
  ...[
    'connection: close',
    'keep-alive: a',
    'proxy-connection: a',
    'upgrade: a',
    'transfer-encoding: chunked',
    'te: trailers',
  ].map((line) => refused(line, 'connectionField', `${ok}${line}\n`)),
  passes('100 fields', `${ok}${many(100)}`, {}, many(100).trim().split('\n')),
  refused('101 fields', 'tooManyFields', `${ok}${many(101)}`),
  refused('more than a head may have', 'headTooLarge', `${ok}a: ${'x'.repeat(69_000)}\n`),
];

/** Every rule with its vectors. */
export const responseVectors: Readonly<Record<string, readonly ResponseVector[]>> = {
  status: statuses,
  body: bodies,
  fields,
};
