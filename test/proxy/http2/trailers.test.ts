import test from 'ava';
import { TrailersReader } from '../../../proxy/http2/trailers.ts';
import { linesOf } from './lines.ts';
import { allRefusals, fieldsOf, many, type RefusalName } from './vectors/requestVector.ts';

const reader = new TrailersReader();

function read(text: string): { refusal: unknown; lines: readonly string[] | undefined } {
  reader.begin();
  for (const [name, value, indexing = 'may'] of fieldsOf(text)) reader.onField(name, value, indexing);
  const refusal = reader.finish();
  return { refusal, lines: reader.fields === undefined ? undefined : linesOf(reader.fields) };
}

const refused: readonly (readonly [title: string, name: RefusalName, text: string])[] = [
  [':status', 'pseudo', ':status: 200\n'],
  [':path behind a field', 'pseudo', 'a: b\n:path: /\n'],
  ['an unknown pseudo-header field', 'pseudo', ':a: b\n'],
  ['capital letters', 'fieldName', 'A: b\n'],
  ['a name that is no token', 'fieldName', 'a(: b\n'],
  ['a control character', 'fieldValue', 'a: b\0\n'],
  ['white space around a value', 'fieldValue', 'a: b \n'],
  ['Connection', 'connectionField', 'connection: close\n'],
  ['Transfer-Encoding', 'connectionField', 'transfer-encoding: chunked\n'],
  ['101 fields', 'trailers', many(101)],
  ['more than a head may be', 'trailers', `a: ${'x'.repeat(70_000)}\n`],
  ['101 fields of which none is passed on', 'trailers', 'host: x\n'.repeat(101)],
];

for (const [title, name, text] of refused)
  test(`${title} is refused: ${name}`, (t) => t.is(read(text).refusal, allRefusals[name]));

const passing: readonly (readonly [title: string, text: string, lines: readonly string[] | undefined])[] = [
  ['what gRPC says', 'grpc-status: 0\ngrpc-message: a%20b\n', ['grpc-status: 0', 'grpc-message: a%20b']],
  ['nothing', '', undefined],
  ['as much as a head', `a: ${'x'.repeat(60_000)}\n`, [`a: ${'x'.repeat(60_000)}`]],
  ['100 fields', many(100), many(100).trim().split('\n')],
  ['a field that is never to be indexed', '!a: b\n', ['!a: b']],
  [
    'nothing that frames, addresses or authenticates',
    'content-length: 5\nhost: y\nte: gzip\nauthorization: a\nset-cookie: a\na: b\n',
    ['a: b'],
  ],
  ['nothing of ours', 'heddle-flag: UT\n', undefined],
];

for (const [title, text, lines] of passing)
  test(`passed on: ${title}`, (t) => t.deepEqual(read(text), { refusal: undefined, lines }));
