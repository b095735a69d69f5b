import test from 'ava';
import type { CORS, Filter, HeaderModifier } from '../../../routing/model.ts';
import { filterProblem } from '../../../routing/filters/problem.ts';

const headers = (parts: Partial<HeaderModifier>): Filter => {
  return { type: 'RequestHeaderModifier', set: [], add: [], remove: [], ...parts };
};

const cors = (parts: Partial<CORS>): Filter => {
  const lists = { allowOrigins: [], allowMethods: [], allowHeaders: [], exposeHeaders: [] };
  return { type: 'CORS', ...lists, allowCredentials: false, maxAgeMs: 5000, ...parts };
};
const origins = (...allowOrigins: string[]): Filter => cors({ allowOrigins });

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
  ['A CORS filter that allows nothing', cors({}), undefined],
  ['Any origin', origins('*'), undefined],
  [
    'An origin',
    origins('https://a.example', 'http://A-b.example:8080', 'http://10.0.0.1', 'http://localhost'),
    undefined,
  ],
  ['An origin with a wildcard', origins('https://*.a.example:1', 'http://*', 'http://*:65535'), undefined],
  ['Any origin beside another', origins('https://a.example', '*'), /allowOrigins has "\*" beside others/],
  ['An origin without scheme', origins('a.example'), /allowOrigins has "a\.example"; write/],
  ['An origin with another scheme', origins('ftp://a.example'), /allowOrigins has "ftp/],
  ['An origin with a path', origins('https://a.example/'), /allowOrigins/],
  ['An origin with a wildcard in the middle', origins('https://a.*.example'), /allowOrigins/],
  ['An origin with a wildcard in a label', origins('https://*a.example'), /allowOrigins/],
  ['An origin with port 0', origins('https://a.example:0'), /allowOrigins/],
  ['An origin with port 65536', origins('https://a.example:65536'), /allowOrigins/],
  ['An origin with a line break', origins('https://a.example\n'), /allowOrigins/],
  ['An origin without host', origins('https://'), /allowOrigins/],
  ['The origin null', origins('null'), /allowOrigins/],
  ['Methods', cors({ allowMethods: ['GET', 'PATCH', 'CONNECT'] }), undefined],
  ['Any method', cors({ allowMethods: ['*'] }), undefined],
  ['Any method beside another', cors({ allowMethods: ['GET', '*'] }), /allowMethods has "\*" beside others/],
  ['A method in lower case', cors({ allowMethods: ['get'] }), /allowMethods has "get"; use "\*" or some of GET, /],
  ['Header names', cors({ allowHeaders: ['X-a', 'b'], exposeHeaders: ['c'] }), undefined],
  ['Any header', cors({ allowHeaders: ['*'], exposeHeaders: ['*', 'c'] }), undefined],
  ['Any header beside another', cors({ allowHeaders: ['*', 'a'] }), /allowHeaders has "\*" beside others/],
  [
    'A header to allow with a comma',
    cors({ allowHeaders: ['a,b'] }),
    /allowHeaders has "a,b", which is no header name/,
  ],
  ['A header to expose with a line break', cors({ exposeHeaders: ['a\r\nb'] }), /exposeHeaders has/],
  ['An unsupported filter', { type: 'Unsupported', name: 'CORS', message: 'not built' }, undefined],
];

for (const [sentence, filter, says] of rows) {
  test(`${sentence} ${says === undefined ? 'may be applied' : 'may not be applied'}`, (t) => {
    if (says === undefined) t.is(filterProblem(filter), undefined);
    else t.regex(filterProblem(filter) ?? '', says);
  });
}
