import test from 'ava';
import type { CORS, Filter } from '../../../routing/model.ts';
import { backendSample } from '../../routing/samples.ts';
import { endpointsOf } from '../harness.ts';
import { ask } from '../peer.ts';
import {
  anyOrigin,
  anyWithCredentials,
  type Asks,
  listed,
  plain,
  preflight,
  reply,
  send,
  startCors,
} from './corsSample.ts';

type Row = readonly [sentence: string, cors: CORS, asks: Asks, fields: string, verdict: string];

const simple: readonly Row[] = [
  [
    'A listed origin',
    listed,
    { origin: 'https://www.bar.com', method: 'GET', headers: 'x' },
    `Access-Control-Allow-Origin: https://www.bar.com
Access-Control-Allow-Credentials: true
Access-Control-Expose-Headers: x-header-3, x-header-4
Vary: Origin
`,
    'allowed',
  ],
  ['Another origin', listed, { origin: 'https://foobar.com', method: 'GET' }, 'Vary: Origin\n', 'origin not allowed'],
  [
    'Any origin',
    anyOrigin,
    { origin: 'http://a:1' },
    'Access-Control-Allow-Origin: *\nAccess-Control-Expose-Headers: *\n',
    'allowed',
  ],
  [
    'Any origin with credentials',
    anyWithCredentials,
    { origin: 'null' },
    `Access-Control-Allow-Origin: null
Access-Control-Allow-Credentials: true
Access-Control-Expose-Headers: x-a
Vary: Origin
`,
    'allowed',
  ],
];

for (const [sentence, cors, asks, fields, verdict] of simple) {
  test(`Request: ${sentence} is told by the rule, not by the endpoint`, async (t) => {
    const own = 'access-control-allow-origin: https://evil.example\r\nAccess-Control-Allow-Credentials: true\r\n';
    const more = `${own}Access-Control-Expose-Headers: x-secret\r\nAccess-Control-Max-Age: 9\r\nX-A: 1\r\n`;
    const { sidecar, server, port } = await startCors(t, { filters: [cors] }, reply(more));
    t.is(plain(await ask(port, send('PUT /x', asks))), `200 OK\nX-A: 1\n${fields}Content-Length: 2\n\nok`);
    t.is((await sidecar.logged(1))[0]?.['cors'], verdict);
    t.true(server.requests[0]?.head.includes(`Origin: ${asks.origin}\r\n`), 'the endpoint hears who asks');
  });
}

test('A request without origin gets no fields but Vary, and no verdict', async (t) => {
  const { sidecar, port } = await startCors(t, { filters: [listed] }, reply('Access-Control-Allow-Origin: *\r\n'));
  t.is(plain(await ask(port, send('GET /x', {}))), '200 OK\nVary: Origin\nContent-Length: 2\n\nok');
  t.false('cors' in ((await sidecar.logged(1))[0] ?? {}));
});

for (const vary of ['Origin', 'Accept, origin', '*']) {
  test(`Vary: ${vary} says it already`, async (t) => {
    const { port } = await startCors(t, { filters: [listed] }, reply(`Vary: ${vary}\r\n`));
    const answer = plain(await ask(port, send('GET /x', { origin: 'https://no.example' })));
    t.is(answer, `200 OK\nVary: ${vary}\nContent-Length: 2\n\nok`);
  });
}

test('An OPTIONS that is no preflight goes to the endpoint', async (t) => {
  const { server, port } = await startCors(t, { filters: [listed] });
  for (const asks of [{ origin: 'https://www.foo.com' }, { method: 'GET' }])
    t.regex(await ask(port, preflight(asks)), /^HTTP\/1.1 200 /);
  t.is(server.requests.length, 2);
});

test('A preflight in a connection with others, with a body, and to *', async (t) => {
  const { port } = await startCors(t, { filters: [listed] });
  const asks = { origin: 'https://www.foo.com', method: 'GET' };
  const body = send('OPTIONS /x', asks, 'Content-Length: 2\r\n');
  const bytes = `${preflight(asks)}${body}hi${send('OPTIONS *', asks)}${send('GET /x', asks)}`;
  t.deepEqual(
    (await ask(port, bytes)).match(/^HTTP\/1.1 \d+/gm),
    [204, 204, 204, 200].map((status) => `HTTP/1.1 ${status}`),
  );
});

test('Answers of our own: redirects and errors', async (t) => {
  const asks = { origin: 'https://www.foo.com' };
  const shared = /\r\nAccess-Control-Allow-Origin: https:\/\/www\.foo\.com\r\n/;
  const redirect: Filter = { type: 'RequestRedirect', statusCode: 302, hostname: 'b.example' };
  const redirects = await startCors(t, { filters: [listed, redirect], backends: [] });
  const moved = await ask(redirects.port, send('GET /x', asks));
  t.regex(moved, /^HTTP\/1.1 302 [^]*\r\nLocation: /);
  t.regex(moved, shared);
  t.regex(await ask(redirects.port, preflight({ ...asks, method: 'GET' })), /^HTTP\/1.1 204 /, 'no browser follows it');
  const invalid = { type: 'Invalid', reason: 'BackendNotFound', message: 'no such Service' } as const;
  const broken = await startCors(t, { filters: [listed], backends: [backendSample({ target: invalid })] });
  const answer = await ask(broken.port, send('GET /x', asks));
  t.regex(answer, /^HTTP\/1.1 500 /);
  t.regex(answer, shared);
  const { port, sidecar } = await startCors(t, { filters: [listed] });
  sidecar.table.applyEndpoints(endpointsOf('cart'));
  const none = await ask(port, send('GET /x', asks));
  t.regex(none, /^HTTP\/1.1 503 /);
  t.regex(none, shared);
  t.is((await sidecar.logged(1))[0]?.['cors'], 'allowed');
});

test('Response headers that a filter sets hold for preflights too, but not against CORS', async (t) => {
  const set = [
    { name: 'x-a', value: '1' },
    { name: 'Access-Control-Allow-Origin', value: 'https://evil.example' },
  ];
  const change: Filter = { type: 'ResponseHeaderModifier', set, add: [], remove: [] };
  const { port } = await startCors(t, { filters: [anyOrigin, change] });
  const shared = 'x-a: 1\nAccess-Control-Allow-Origin: *\n';
  t.true(
    plain(await ask(port, preflight({ origin: 'http://a', method: 'GET' }))).startsWith(`204 No Content\n${shared}`),
  );
  const answer = plain(await ask(port, send('GET /', { origin: 'http://a' })));
  t.is(answer, `200 OK\n${shared}Access-Control-Expose-Headers: *\nContent-Length: 2\n\nok`);
});

test('A rule that is wrong answers its preflights 500, and says nothing of CORS', async (t) => {
  const { port } = await startCors(t, { filters: [listed, { type: 'Unsupported', name: 'X', message: 'no' }] });
  const asks = { origin: 'https://www.foo.com', method: 'GET' };
  for (const answer of [await ask(port, preflight(asks)), await ask(port, send('GET /', asks))]) {
    t.regex(answer, /^HTTP\/1.1 500 /);
    t.notRegex(answer, /Access-Control/);
  }
});
