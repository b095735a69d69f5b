import test from 'ava';
import { ResponseHeadReader } from '../../../proxy/http2/responseHead.ts';
import { ResponseHead } from '../../../proxy/message/head.ts';
import { linesOf, withoutSecrets } from './lines.ts';
import { allRefusals } from './vectors/requestVector.ts';
import { responseVectors } from './vectors/responses.ts';
import { waysTo } from './ways.ts';

const ordinary = { status: 200, reason: '', version: '2.0', bodyLength: -1, hasOwnFields: false };

/** One reader for all, so that what stays of one head is found in the next. */
const reader = new ResponseHeadReader();

for (const [rule, vectors] of Object.entries(responseVectors)) {
  for (const { title, fields, body, method, verdict } of vectors) {
    test(`${rule}: ${title}${'refused' in verdict ? ` is refused: ${verdict.refused}` : ''}`, (t) => {
      for (const [at, way] of waysTo(reader, fields).entries()) {
        const head = new ResponseHead();
        reader.begin(head);
        way();
        const refusal = reader.finish(body, method);
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
