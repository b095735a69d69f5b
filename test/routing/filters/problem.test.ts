import test from 'ava';
import type { Filter, HeaderModifier } from '../../../routing/model.ts';
import { filterProblem } from '../../../routing/filters/problem.ts';

const headers = (parts: Partial<HeaderModifier>): Filter => {
  return { type: 'RequestHeaderModifier', set: [], add: [], remove: [], ...parts };
};

const rows: readonly [sentence: string, filter: Filter, says: RegExp | undefined][] = [
  ['Ordinary header changes', headers({ set: [{ name: 'X-a', value: 'b c' }], remove: ['X-b'] }), undefined],
  ['An empty header value', headers({ add: [{ name: 'x', value: '' }] }), undefined],
  ['A header name with a space', headers({ add: [{ name: 'x y', value: '1' }] }), /"x y" is no header name/],
  ['An empty header name', headers({ remove: [''] }), /"" is no header name/],
  ['A header value with a line break', headers({ set: [{ name: 'x', value: 'a\r\nb: c' }] }), /value of header x/],
  ['A header value with half a pair', headers({ set: [{ name: 'x', value: '\ud83e' }] }), /value of header x/],
  ['A header value with DEL', headers({ set: [{ name: 'x', value: '\x7f' }] }), /value of header x/],
  ['A host name', { type: 'URLRewrite', hostname: 'a-b.example' }, undefined],
  ['A host name with a line break', { type: 'URLRewrite', hostname: 'a\nb' }, /"a\\nb" is no host name/],
  ['A redirect host with a path', { type: 'RequestRedirect', statusCode: 302, hostname: 'a/b' }, /no host name/],
  ['An unsupported filter', { type: 'Unsupported', name: 'CORS', message: 'not built' }, undefined],
];

for (const [sentence, filter, says] of rows) {
  test(`${sentence} ${says === undefined ? 'may be applied' : 'may not be applied'}`, (t) => {
    if (says === undefined) t.is(filterProblem(filter), undefined);
    else t.regex(filterProblem(filter) ?? '', says);
  });
}
