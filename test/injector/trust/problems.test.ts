import test from 'ava';
import { createProblems } from '../../../injector/trust/problems.ts';
import { ApiError } from '../../../kubernetes/api.ts';
import { createLog } from '../../../runtime/log.ts';

function setUp() {
  const lines: string[] = [];
  const log = createLog('test', 'info', { write: (line) => lines.push(line), writeAscii() {}, flushSync() {} });
  const state = { ms: 0 };
  const problems = createProblems(log, () => state.ms);
  const fail = (what: string, error: unknown) => problems.attempt(what, () => Promise.reject(error as Error));
  const work = (what: string) => problems.attempt(what, () => Promise.resolve(true));
  /** The lines since the last call, as `level what: reason`. */
  const told = (): string[] =>
    lines.splice(0).map((line) => {
      const { level, what, reason } = JSON.parse(line) as Record<string, string>;
      return reason === undefined ? `${level} ${what}` : `${level} ${what}: ${reason}`;
    });
  return { problems, state, fail, work, told };
}

const refused = Object.assign(new Error('connect ECONNREFUSED 10.96.0.1:443'), { code: 'ECONNREFUSED' });
const forbidden = new ApiError(403, 'Forbidden', 'GET /x: 403 no');

test('an API server that is away is one line for all parts, one a minute, and one when every part works', async (t) => {
  const { problems, state, fail, work, told } = setUp();
  t.is(await fail('CA', refused), undefined);
  t.is(problems.of('CA'), ': connect ECONNREFUSED 10.96.0.1:443');
  for (state.ms = 3000; state.ms < 60_000; state.ms += 3000) {
    await fail('CA', new ApiError(503, 'ServiceUnavailable', `after ${state.ms} ms`));
    await fail('namespaces', new Error('no answer within 10000 ms'));
  }
  t.deepEqual(told(), ['warn CA: connect ECONNREFUSED 10.96.0.1:443']);
  await fail('CA', refused);
  t.deepEqual(told(), ['warn CA: connect ECONNREFUSED 10.96.0.1:443']);
  t.true(await work('CA'));
  t.is(problems.of('CA'), '');
  t.deepEqual(told(), []);
  await work('namespaces');
  await work('namespaces');
  t.deepEqual(told(), ['info namespaces']);
});

test('what the API server refuses is told of each part, also during an outage', async (t) => {
  const { fail, work, told } = setUp();
  await fail('CA', refused);
  await fail('namespaces', refused);
  await fail('namespaces', forbidden);
  await fail('namespaces', forbidden);
  await work('CA');
  await work('namespaces');
  const expected = [`warn CA: ${refused.message}`, `warn namespaces: ${forbidden.message}`];
  t.deepEqual(told(), [...expected, 'info CA', 'info namespaces']);
  await fail('CA', refused);
  t.deepEqual(told(), [`warn CA: ${refused.message}`]);
});

test('a conflict is no problem, and an error without words is told by its code', async (t) => {
  const { problems, fail, told } = setUp();
  await fail('CA', new ApiError(409, 'Conflict', 'changed'));
  t.is(problems.of('CA'), '');
  await fail('CA', Object.assign(new AggregateError([refused, refused]), { code: 'ECONNREFUSED' }));
  t.deepEqual(told(), ['warn CA: ECONNREFUSED']);
});
