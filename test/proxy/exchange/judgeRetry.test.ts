import test from 'ava';
import { judgeRetry, type RetryState, type RetryVerdict, type Tried } from '../../../proxy/exchange/retry.ts';

const get: RetryState = {
  method: 'GET',
  hasBody: false,
  bodyKept: true,
  repeated: false,
  triedBefore: 0,
  isOff: false,
};
const post: RetryState = { ...get, method: 'POST', hasBody: true };
const never: Tried = { reached: 'Never', aged: false };
const perhaps: Tried = { reached: 'Perhaps', aged: false };
const aged: Tried = { reached: 'Perhaps', aged: true };

const cases: readonly (readonly [string, Tried, RetryState, RetryVerdict | RegExp])[] = [
  ['what never left goes to another endpoint', never, post, { type: 'OtherEndpoint' }],
  [
    'what never left goes to another endpoint, sent twice or not',
    never,
    { ...get, repeated: true },
    { type: 'OtherEndpoint' },
  ],
  ['but not without its body', never, { ...post, bodyKept: false }, /its body is longer/],
  ['and not to a fourth endpoint', never, { ...get, triedBefore: 2 }, /3 endpoints were tried/],
  ['a GET that an endpoint saw perhaps goes to another one', perhaps, get, { type: 'OtherEndpoint' }],
  ['a GET on a connection that had served goes on a fresh one', aged, get, { type: 'FreshConnection' }],
  ['also when three endpoints were tried', aged, { ...get, triedBefore: 2 }, { type: 'FreshConnection' }],
  ['but once only', aged, { ...get, repeated: true }, /it was sent twice/],
  ['a PUT with a body is not sent again', perhaps, { ...post, method: 'PUT' }, /may have acted on this PUT/],
  ['a DELETE without a body is', perhaps, { ...get, method: 'DELETE' }, { type: 'OtherEndpoint' }],
  ['a POST is not, without a body either', aged, { ...get, method: 'POST' }, /may have acted on this POST/],
  ['a method that nobody knows is not', perhaps, { ...get, method: 'FROB' }, /may have acted on this FROB/],
  ['what never left is not, where the route says so', never, { ...get, isOff: true }, /its route says attempts: 0/],
  ['nor what an endpoint saw perhaps', perhaps, { ...get, isOff: true }, /its route says attempts: 0/],
  ['but a connection that had served is dialled anew', aged, { ...get, isOff: true }, { type: 'FreshConnection' }],
  ['nothing is once a response has begun', { reached: 'Surely', aged: true }, get, /its response had begun/],
];

for (const [title, tried, state, expected] of cases) {
  test(title, (t) => {
    const verdict = judgeRetry(tried, state);
    if (!(expected instanceof RegExp)) return t.deepEqual(verdict, expected);
    t.is(verdict.type, 'No');
    return t.regex('why' in verdict ? verdict.why : '', expected);
  });
}
