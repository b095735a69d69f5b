import test from 'ava';
import { RequestHeadReader } from '../../../proxy/http2/requestHead.ts';
import { RequestHead } from '../../../proxy/message/head.ts';
import type { Field } from './hpack/blocks.ts';
import { linesOf } from './lines.ts';
import { requestVectors } from './vectors/requests.ts';
import { allRefusals, fieldsOf, get } from './vectors/requestVector.ts';

const ordinary = {
  method: 'GET',
  version: '2.0',
  scheme: 'http',
  target: '',
  authority: 'x',
  path: '/a',
  query: '',
  hasQuery: false,
  bodyLength: 0,
  explicitLength: false,
  expectContinue: false,
  upgrade: '',
  upgradeDropped: '',
  hasOwnFields: false,
};

/** One reader for all, so that what stays of one head is found in the next. */
const reader = new RequestHeadReader();

function read(fields: readonly Field[], body: 'follows' | 'none') {
  const head = new RequestHead();
  reader.begin(head);
  for (const [name, value, indexing = 'may'] of fields) reader.onField(name, value, indexing);
  return { refusal: reader.finish(body), head };
}

for (const [rule, vectors] of Object.entries(requestVectors)) {
  for (const { title, fields, body, verdict } of vectors) {
    test(`${rule}: ${title}${'refused' in verdict ? ` is refused: ${verdict.refused}` : ''}`, (t) => {
      const { refusal, head } = read(fields, body);
      if ('refused' in verdict) {
        t.is(refusal, allRefusals[verdict.refused]);
        return;
      }
      t.is(refusal, undefined);
      const { headers, ...rest } = head;
      t.deepEqual({ ...rest }, { ...ordinary, ...verdict.head } as typeof rest);
      t.deepEqual(linesOf(headers), verdict.lines);
      // Nothing that was refused or told before stays behind.
      t.is(read(fieldsOf(get), 'none').refusal, undefined);
    });
  }
}

test('the table holds 150 heads, no two of one title', (t) => {
  const titles = Object.entries(requestVectors).flatMap(([rule, vectors]) =>
    vectors.map(({ title }) => `${rule}: ${title}`),
  );
  t.true(titles.length >= 150, `${titles.length}`);
  t.is(new Set(titles).size, titles.length);
});

test('of a refused request the log is told method and path as far as they came', (t) => {
  read(fieldsOf(`${get}A: b\n`), 'none');
  t.deepEqual(reader.refusedLine, { method: 'GET', path: '/a' });
  read(fieldsOf('a: b\n'), 'none');
  t.deepEqual(reader.refusedLine, { method: undefined, path: undefined });
});
