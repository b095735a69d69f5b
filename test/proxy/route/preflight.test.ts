import test from 'ava';
import type { CORS, Match, Rule } from '../../../routing/model.ts';
import { backendSample, equal, matchSample, prefix, routeSample } from '../../routing/samples.ts';
import { startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { ask } from '../peer.ts';

/** A filter whose answers say by their max-age whose it is. */
const cors = (seconds: number): CORS => ({
  type: 'CORS',
  allowOrigins: ['https://a'],
  allowMethods: ['*'],
  allowHeaders: [],
  exposeHeaders: [],
  allowCredentials: false,
  maxAgeMs: 1000 * seconds,
});

const rule = (match: Partial<Match>, seconds?: number): Omit<Rule, 'index'> => ({
  matches: [matchSample(match)],
  filters: seconds === undefined ? [] : [cors(seconds)],
  backends: [backendSample()],
});

const x = prefix('/x');
type Row = readonly [sentence: string, rules: readonly Omit<Rule, 'index'>[], answer: number | 'forwarded' | 'none'];

/** A preflight for `POST /x?q=1`, `x-canary` being among its own fields. */
const rows: readonly Row[] = [
  ['A rule for any method answers', [rule({ path: x }, 1)], 1],
  ['A rule for the announced method answers', [rule({ path: x, method: 'POST' }, 1)], 1],
  ['A rule for another method does not', [rule({ path: x, method: 'PUT' }, 1)], 'none'],
  [
    'Of two methods the one that is announced counts',
    [rule({ path: x, method: 'PUT' }, 1), rule({ path: x, method: 'POST' }, 2)],
    2,
  ],
  ['The rule of the request counts before a wider one', [rule({}, 1), rule({ path: x, method: 'POST' }, 2)], 2],
  [
    'It counts before one for OPTIONS',
    [rule({ path: x, method: 'OPTIONS' }, 1), rule({ path: x, method: 'POST' }, 2)],
    2,
  ],
  [
    'Where it says nothing, one for OPTIONS does',
    [rule({ path: x, method: 'OPTIONS' }, 1), rule({ path: x }), rule({ path: x, method: 'POST' })],
    1,
  ],
  ['Also where nothing takes the request', [rule({ path: x, method: 'OPTIONS' }, 1)], 1],
  [
    'It never goes to an endpoint, though a rule for OPTIONS would',
    [rule({ path: x, method: 'OPTIONS' }), rule({ path: x, method: 'POST' }, 2)],
    2,
  ],
  ['Without CORS it is a request like any other', [rule({ path: x }), rule({ path: prefix('/y') }, 1)], 'forwarded'],
  [
    'Query parameters count',
    [rule({ path: x, queryParams: [equal('q', '2')] }, 1), rule({ path: x, queryParams: [equal('q', '1')] }, 2)],
    2,
  ],
  [
    'Its own fields count for headers',
    [rule({ path: x, headers: [equal('x-canary', '1')] }, 1), rule({ path: x }, 2)],
    1,
  ],
  [
    'Headers that only the request will have do not',
    [rule({ path: x, headers: [equal('x-later', '1')] }, 1), rule({ path: x }, 2)],
    2,
  ],
];

for (const [sentence, rules, expected] of rows) {
  test(sentence, async (t) => {
    const server = await startOkBackend(t);
    const sidecar = setUp(t);
    const route = { ...routeSample([]), rules: rules.map((one, index) => ({ ...one, index })) };
    t.is(sidecar.apply(routingSample({ routes: [route] }), endpointsOf('cart', readyEndpoint(server.port))), undefined);
    const asks = 'Origin: https://a\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x-later';
    const answer = await ask(
      await sidecar.service(),
      `OPTIONS /x?q=1 HTTP/1.1\r\nHost: a\r\nx-canary: 1\r\n${asks}\r\n\r\n`,
    );
    const maxAge = /^Access-Control-Max-Age: (\d+)\r$/m.exec(answer)?.[1];
    const status = answer.slice(9, 12);
    t.is(status, { forwarded: '200', none: '404' }[String(expected)] ?? '204');
    t.is(maxAge, typeof expected === 'number' ? String(expected) : undefined);
    t.is(server.requests.length, expected === 'forwarded' ? 1 : 0);
    const [line] = await sidecar.logged(1);
    if (typeof expected === 'number')
      t.is(
        line?.['rule'],
        rules.findIndex(({ filters }) => filters.some((f) => f.type === 'CORS' && f.maxAgeMs === 1000 * expected)),
      );
  });
}
