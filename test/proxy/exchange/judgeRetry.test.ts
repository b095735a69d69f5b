import test from 'ava';
import { judgeRetry, type RetryState, type RetryVerdict, type Tried } from '../../../proxy/exchange/retry.ts';
import type { Retry } from '../../../routing/model.ts';

const get: RetryState = {
  method: 'GET',
  hasBody: false,
  bodyKept: true,
  repeated: false,
  tries: 1,
  retry: undefined,
  budgetLeft: true,
};
const post: RetryState = { ...get, method: 'POST', hasBody: true };
const put: RetryState = { ...post, method: 'PUT' };
const never: Tried = { type: 'Broken', reached: 'Never', aged: false };
const perhaps: Tried = { type: 'Broken', reached: 'Perhaps', aged: false };
const aged: Tried = { type: 'Broken', reached: 'Perhaps', aged: true };
const unseen: Tried = { type: 'Broken', reached: 'Never', aged: true };
const surely: Tried = { type: 'Broken', reached: 'Surely', aged: true };
const late: Tried = { type: 'TimedOut', reached: 'Perhaps' };
const lateToConnect: Tried = { type: 'TimedOut', reached: 'Never' };
const lateAnswer: Tried = { type: 'TimedOut', reached: 'Surely' };
const refused: Tried = { type: 'Refused' };
const retry: Retry = { attempts: 2, codes: [503] };
const retry504: Retry = { attempts: 2, codes: [503, 504] };
const off: Retry = { attempts: 0, codes: [] };
const otherEndpoint = { type: 'OtherEndpoint' } as const;
const freshConnection = { type: 'FreshConnection' } as const;
const byRule = { type: 'ByRule', retry } as const;

type Case = readonly [string, Tried, RetryState, RetryVerdict | RegExp];

const unasked: readonly Case[] = [
  ['what never left goes to another endpoint', never, post, otherEndpoint],
  ['what never left goes to another endpoint, sent twice or not', never, { ...get, repeated: true }, otherEndpoint],
  ['but not without its body', never, { ...post, bodyKept: false }, /its body is longer/],
  ['and not to a fourth endpoint', never, { ...get, tries: 3 }, /3 endpoints were tried/],
  [
    'and not when the budget is spent',
    never,
    { ...get, budgetLeft: false },
    /the retry budget of its backend is spent/,
  ],
  ['what an endpoint declares unseen is, when it is spent', unseen, { ...post, budgetLeft: false }, otherEndpoint],
  ['but not without its body, either', unseen, { ...post, bodyKept: false }, /its body is longer/],
  ['a GET that an endpoint saw perhaps goes to another one', perhaps, get, otherEndpoint],
  ['but not when the budget is spent', perhaps, { ...get, budgetLeft: false }, /budget/],
  ['a GET on a connection that had served goes on a fresh one', aged, get, freshConnection],
  ['also when three endpoints were tried', aged, { ...get, tries: 3 }, freshConnection],
  ['also when the budget is spent', aged, { ...get, budgetLeft: false }, freshConnection],
  ['but once only', aged, { ...get, repeated: true }, /it was sent twice/],
  ['a PUT with a body is not sent again', perhaps, put, /may have acted on this PUT/],
  ['a DELETE without a body is', perhaps, { ...get, method: 'DELETE' }, otherEndpoint],
  ['a POST is not, without a body either', aged, { ...get, method: 'POST' }, /may have acted on this POST/],
  ['a method that nobody knows is not', perhaps, { ...get, method: 'FROB' }, /may have acted on this FROB/],
  ['nothing is once a response has begun', surely, get, /its response had begun/],
  ['what timed out is not', late, get, /its rule has no retry/],
  ['not even what was never connected', lateToConnect, get, /its rule has no retry/],
];

const switchedOff: readonly Case[] = [
  ['attempts: 0: what never left is not sent again', never, { ...get, retry: off }, /its route says attempts: 0/],
  ['attempts: 0: nor what an endpoint saw perhaps', perhaps, { ...get, retry: off }, /its route says attempts: 0/],
  ['attempts: 0: nor what timed out', late, { ...get, retry: off }, /its route says attempts: 0/],
  ['attempts: 0: but a connection that had served is dialled anew', aged, { ...get, retry: off }, freshConnection],
];

const asked: readonly Case[] = [
  ['a retry: a refused POST is sent again', refused, { ...post, retry }, byRule],
  ['a retry: also after its last but one attempt', refused, { ...post, retry, tries: 2 }, byRule],
  ['a retry: not after its last one', refused, { ...post, retry, tries: 3 }, /its route says attempts: 2/],
  [
    'a retry: more attempts than there are endpoints unasked',
    never,
    { ...get, retry: { ...retry, attempts: 9 }, tries: 9 },
    { type: 'ByRule', retry: { ...retry, attempts: 9 } },
  ],
  [
    'a retry: not without its body',
    refused,
    { ...post, retry, bodyKept: false },
    /its body is longer than what is kept/,
  ],
  ['a retry: not when the budget is spent', refused, { ...get, retry, budgetLeft: false }, /budget/],
  ['a retry: what never left, as often as it says', never, { ...post, retry, repeated: true }, byRule],
  ['a retry: no more often than it says', never, { ...get, retry, tries: 3 }, /its route says attempts: 2/],
  ['a retry: a GET that broke off, though it was sent twice', perhaps, { ...get, retry, repeated: true }, byRule],
  ['a retry: a PUT with its body that broke off', perhaps, { ...put, retry }, byRule],
  ['a retry: a POST that broke off is not', perhaps, { ...post, retry }, /may have acted on this POST/],
  ['a retry: nor when 504 is one of its codes', perhaps, { ...post, retry: retry504 }, /may have acted on this POST/],
  ['a retry: a connection that had served is dialled anew first', aged, { ...get, retry }, freshConnection],
  ['a retry: then it counts', aged, { ...get, retry, repeated: true }, byRule],
  ['a retry: a GET that timed out is', late, { ...get, retry }, byRule],
  ['a retry: a PUT with its body that timed out is', late, { ...put, retry }, byRule],
  ['a retry: a POST that timed out is not', late, { ...post, retry }, /may have acted on this POST/],
  ['a retry: unless 504 is one of its codes', late, { ...post, retry: retry504 }, { type: 'ByRule', retry: retry504 }],
  ['a retry: a POST that was never connected is', lateToConnect, { ...post, retry }, byRule],
  ['a retry: nothing once a response has begun', surely, { ...get, retry }, /its response had begun/],
  ['a retry: nor when that took too long', lateAnswer, { ...get, retry: retry504 }, /its response had begun/],
];

for (const [title, tried, state, expected] of [...unasked, ...switchedOff, ...asked]) {
  test(title, (t) => {
    const verdict = judgeRetry(tried, state);
    if (!(expected instanceof RegExp)) return t.deepEqual(verdict, expected);
    t.is(verdict.type, 'No');
    return t.regex('why' in verdict ? verdict.why : '', expected);
  });
}
