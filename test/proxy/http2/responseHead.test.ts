import test from 'ava';
import { ResponseHeadReader } from '../../../proxy/http2/responseHead.ts';
import { ResponseHead } from '../../../proxy/message/head.ts';
import { linesOf } from './lines.ts';
import { allRefusals } from './vectors/requestVector.ts';
import { responseVectors } from './vectors/responses.ts';

const ordinary = { status: 200, reason: '', version: '2.0', bodyLength: -1, hasOwnFields: false };

/** One reader for all, so that what stays of one head is found in the next. */
const reader = new ResponseHeadReader();

for (const [rule, vectors] of Object.entries(responseVectors)) {
  for (const { title, fields, body, method, verdict } of vectors) {
    test(`${rule}: ${title}${'refused' in verdict ? ` is refused: ${verdict.refused}` : ''}`, (t) => {
      const head = new ResponseHead();
      reader.begin(head);
      for (const [name, value, indexing = 'may'] of fields) reader.onField(name, value, indexing);
      const refusal = reader.finish(body, method);
      if ('refused' in verdict) {
        t.is(refusal, allRefusals[verdict.refused]);
        return;
      }
      t.is(refusal, undefined);
      const { headers, ...rest } = head;
      t.deepEqual({ ...rest }, { ...ordinary, ...verdict.head } as typeof rest);
      t.deepEqual(linesOf(headers), verdict.lines);
    });
  }
}
