import test from 'ava';
import { RequestHeadReader } from '../../../proxy/http2/requestHead.ts';
import { RequestHead } from '../../../proxy/message/head.ts';
import { linesOf, withoutSecrets } from './lines.ts';
import { requestVectors } from './vectors/requests.ts';
import { allRefusals, fieldsOf, get } from './vectors/requestVector.ts';
import { waysTo } from './ways.ts';

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
  isRPC: false,
  isTraced: false,
};

/** One reader for all, so that what stays of one head is found in the next. */
const reader = new RequestHeadReader();

for (const [rule, vectors] of Object.entries(requestVectors)) {
  for (const { title, fields, body, verdict } of vectors) {
    test(`${rule}: ${title}${'refused' in verdict ? ` is refused: ${verdict.refused}` : ''}`, (t) => {
      for (const [at, way] of waysTo(reader, fields).entries()) {
        const head = new RequestHead();
        reader.begin(head);
        way();
        const refusal = reader.finish(body);
        t.is(refusal, 'refused' in verdict ? allRefusals[verdict.refused] : undefined);
        if ('refused' in verdict) continue;
        const { headers, ...rest } = head;
        t.deepEqual({ ...rest }, { ...ordinary, ...verdict.head } as typeof rest);
        if (at === 0) t.deepEqual(linesOf(headers), verdict.lines);
        else t.deepEqual(withoutSecrets(linesOf(headers)), withoutSecrets(verdict.lines));
      }
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
  reader.begin(new RequestHead());
  for (const [name, value] of fieldsOf(`${get}A: b\n`)) reader.onField(name, value, 'may');
  t.deepEqual(reader.refusedLine, { method: 'GET', path: '/a' });
  reader.begin(new RequestHead());
  reader.onField('a', 'b', 'may');
  t.deepEqual(reader.refusedLine, { method: undefined, path: undefined });
});
