import test, { type ExecutionContext } from 'ava';
import type { Filter, RequestMirror, Rule } from '../../../routing/model.ts';
import { backendSample, matchSample, routeSample } from '../../routing/samples.ts';
import { type Backend, startBackend, startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp, type Sidecar, type SidecarOptions } from '../harness.ts';
import { ask, connect } from '../peer.ts';
import { seededRandom } from '../random.ts';

const get = (path = '/x?q=1', fields = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
const post = (body: string): string => `POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

function mirrorTo(name: string, parts: Partial<RequestMirror> = {}): RequestMirror {
  const target = { type: 'Endpoints', endpoints: `shop/${name}:80`, protocol: 'detect' } as const;
  return { type: 'RequestMirror', namespace: 'shop', name, port: 80, target, fraction: 1, ...parts };
}

const change = (value: string): Filter => ({
  type: 'RequestHeaderModifier',
  set: [],
  add: [{ name: 'x-a', value }],
  remove: ['x-b'],
});

type Started = { readonly sidecar: Sidecar; readonly port: number };

/** A sidecar whose Service has one rule, and these backends beside `cart`. */
async function start(
  t: ExecutionContext,
  rule: Partial<Rule>,
  ports: Readonly<Record<string, number | undefined>>,
  options?: SidecarOptions,
): Promise<Started> {
  const sidecar = setUp(t, options);
  const rules = [{ index: 0, filters: [], backends: [backendSample()], ...rule, matches: [matchSample()] }];
  const groups = Object.entries(ports).map(([name, port]) =>
    endpointsOf(name, ...(port === undefined ? [] : [readyEndpoint(port)])),
  );
  t.is(sidecar.apply(routingSample({ routes: [{ ...routeSample([]), rules }] }), ...groups), undefined);
  return { sidecar, port: await sidecar.service() };
}

/** Waits until the metric has these counts, as `backend outcome count`. */
async function counted(t: ExecutionContext, sidecar: Sidecar, ...wanted: readonly string[]): Promise<void> {
  let found: readonly string[] = [];
  for (let turn = 0; turn < 3000; turn++) {
    const family = sidecar.metrics.http.families.find(({ name }) => name.endsWith('mirrored_requests_total'));
    found = [...(family?.read() ?? [])].map(
      ({ labels, value }) => `${labels['backend_name']} ${labels['outcome']} ${value}`,
    );
    if (found.toSorted().join() === wanted.toSorted().join()) break;
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
  t.deepEqual(found.toSorted(), wanted.toSorted());
}

/** A server that reads requests and never answers. */
function startSilent(t: ExecutionContext): Promise<Backend> {
  return startBackend(t, () => undefined);
}

test('A request goes to endpoint and mirrors alike, path, query and body, after the changes of rule and backend', async (t) => {
  const [cart, one, two] = [
    await startOkBackend(t),
    await startOkBackend(t),
    await startOkBackend(t, 'HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n'),
  ];
  const rewrite: Filter = {
    type: 'URLRewrite',
    hostname: 'b.example',
    path: { type: 'ReplacePrefixMatch', value: '/v2' },
  };
  const backends = [backendSample({ filters: [change('backend'), mirrorTo('two')] })];
  const filters = [mirrorTo('one'), change('rule'), rewrite];
  const { sidecar, port } = await start(t, { filters, backends }, { cart: cart.port, one: one.port, two: two.port });
  const request = 'POST /x?q=1 HTTP/1.1\r\nHost: a\r\nX-B: 1\r\nContent-Length: 2\r\n\r\nhi';
  t.regex(await ask(port, request), /^HTTP\/1.1 200 /);
  await counted(t, sidecar, 'one answered 1', 'two answered 1');
  t.is(
    cart.requests[0]?.head,
    'POST /v2/x?q=1 HTTP/1.1\r\nHost: b.example\r\nx-a: rule\r\nx-a: backend\r\nContent-Length: 2\r\n\r\n',
  );
  t.deepEqual([one.requests, two.requests], [cart.requests, cart.requests]);
  const [line] = await sidecar.logged(1);
  t.is(line?.['status'], 200);
  t.regex(String(line?.['mirrors']), /^shop\/one:80, shop\/two:80$/);
  t.is(line?.['flags'], undefined, 'a mirror that fails is no failure of the request');
  t.deepEqual(await sidecar.leftovers(), []);
});

const forms: readonly (readonly [what: string, bytes: string, head: RegExp, body: string])[] = [
  ['HEAD', 'HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n', /^HEAD \/x /, ''],
  [
    'a chunked body with trailers',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\nX-T: 1\r\n\r\n',
    /Transfer-Encoding: chunked/,
    '3\r\nhi!\r\n0\r\nX-T: 1\r\n\r\n',
  ],
  ['a body of 64 KiB', post('x'.repeat(65_536)), /Content-Length: 65536/, 'x'.repeat(65_536)],
  [
    'an Expect, which is not sent on',
    `POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi`,
    /^(?![^]*Expect)/i,
    'hi',
  ],
];

for (const [what, bytes, head, body] of forms) {
  test(`Mirrored is ${what}`, async (t) => {
    const [cart, copy] = [
      await startOkBackend(t, 'HTTP/1.1 204 No Content\r\n\r\n'),
      await startOkBackend(t, 'HTTP/1.1 204 No Content\r\n\r\n'),
    ];
    const { sidecar, port } = await start(t, { filters: [mirrorTo('copy')] }, { cart: cart.port, copy: copy.port });
    t.regex(await ask(port, bytes), /^HTTP\/1.1 204 /);
    await counted(t, sidecar, 'copy answered 1');
    t.regex(copy.requests[0]?.head ?? '', head);
    t.is(copy.requests[0]?.body, body);
    t.deepEqual(copy.problems, []);
  });
}

const dropped: readonly (readonly [why: string, bytes: string, outcome: string, told: string])[] = [
  ['A body that is announced as too long', post('x'.repeat(65_537)), 'body_too_long', 'body too long'],
  [
    'A body that proves too long',
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n${'x'.repeat(65_537)}\r\n0\r\n\r\n`,
    'body_too_long',
    'body too long',
  ],
  ['An upgrade', get('/', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'), 'upgrade', 'an upgrade'],
];

for (const [why, bytes, outcome, told] of dropped) {
  test(`${why} is not mirrored, and served as without`, async (t) => {
    const [cart, copy] = [await startOkBackend(t), await startOkBackend(t)];
    const { sidecar, port } = await start(t, { filters: [mirrorTo('copy')] }, { cart: cart.port, copy: copy.port });
    t.regex(await ask(port, bytes), /^HTTP\/1.1 200 /);
    await counted(t, sidecar, `copy ${outcome} 1`);
    t.is((await sidecar.logged(1))[0]?.['mirrors'], `shop/copy:80 (not sent: ${told})`);
    t.is(copy.peers.length, 0);
  });
}

test('A body that breaks off, or is cut short by an early answer, is not mirrored', async (t) => {
  const early = await startBackend(t, (peer) => peer.write('HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n'));
  const copy = await startOkBackend(t);
  const { sidecar, port } = await start(t, { filters: [mirrorTo('copy')] }, { cart: early.port, copy: copy.port });
  const client = await connect(port);
  client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhi');
  await client.sees('413');
  client.reset();
  await counted(t, sidecar, 'copy body_cut_off 1');
  t.is((await sidecar.logged(1))[0]?.['mirrors'], 'shop/copy:80 (not sent: body cut off)');
  t.is(copy.peers.length, 0);
});

test('What is wrong with a mirror is its own matter: gone, silent, garbage, without endpoints, invalid', async (t) => {
  const cart = await startOkBackend(t);
  const gone = await startSilent(t);
  await gone.close();
  const garbage = await startBackend(t, (peer) => peer.write('what?\r\n\r\n'));
  const silent = await startSilent(t);
  const target = { type: 'Invalid', reason: 'BackendNotFound', message: 'no' } as const;
  const names = ['gone', 'silent', 'garbage', 'none'];
  const filters = [...names.map((name) => mirrorTo(name)), mirrorTo('invalid', { target })];
  const ports = { cart: cart.port, gone: gone.port, silent: silent.port, garbage: garbage.port, none: undefined };
  const { sidecar, port } = await start(t, { filters }, ports);
  t.is(await ask(port, get()), 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  await counted(t, sidecar, 'gone failed 1', 'garbage failed 1', 'none no_endpoint 1');
  const [line] = await sidecar.logged(1);
  t.regex(
    String(line?.['mirrors']),
    /^shop\/gone:80.*, shop\/silent:80, shop\/garbage:80.*, shop\/none:80 \(not sent: no endpoint\)$/,
  );
  await silent.close();
  await counted(t, sidecar, 'gone failed 1', 'garbage failed 1', 'none no_endpoint 1', 'silent failed 1');
  t.deepEqual(await sidecar.leftovers(), []);
});

test('A mirror that hangs is cut off after its time', async (t) => {
  const [cart, silent] = [await startOkBackend(t), await startSilent(t)];
  const { sidecar, port } = await start(t, { filters: [mirrorTo('silent')] }, { cart: cart.port, silent: silent.port });
  t.regex(await ask(port, get()), /^HTTP\/1.1 200 /);
  await counted(t, sidecar, 'silent timed_out 1');
  t.is(await (await silent.peer(0)).over(), 'reset');
  t.deepEqual(await sidecar.leftovers(), []);
});

// The places are the process's, and tests of this file run side by side: a name of its own.
test('So many mirrors of a backend may be under way; the others are dropped, and every request is served', async (t) => {
  const [cart, silent] = [await startOkBackend(t), await startSilent(t)];
  const { sidecar, port } = await start(t, { filters: [mirrorTo('stuck')] }, { cart: cart.port, stuck: silent.port });
  const answers = await ask(port, get().repeat(40));
  t.is(answers.match(/HTTP\/1.1 200 /g)?.length, 40);
  const told = (await sidecar.logged(40)).map((line) => line['mirrors']);
  t.is(told.filter((one) => one === 'shop/stuck:80').length, 32);
  t.is(told.filter((one) => one === 'shop/stuck:80 (not sent: too many under way)').length, 8);
  await silent.close();
  await counted(t, sidecar, 'stuck failed 32', 'stuck too_many 8');
});

test('An answer of any length is read and thrown away, and its connection serves again', async (t) => {
  const cart = await startOkBackend(t);
  const large = `HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(1_000_000)}`;
  const copy = await startOkBackend(t, large);
  const { sidecar, port } = await start(t, { filters: [mirrorTo('copy')] }, { cart: cart.port, copy: copy.port });
  for (let count = 1; count <= 3; count++) {
    t.is(await ask(port, get()), 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    await counted(t, sidecar, `copy answered ${count}`);
  }
  t.is(copy.peers.length, 1);
});

for (const fraction of [0, 0.005, 0.2, 0.35, 0.5, 1]) {
  test(`Of 500 requests a share of ${fraction} is mirrored, within three standard deviations`, async (t) => {
    const [cart, copy] = [await startOkBackend(t), await startOkBackend(t)];
    const filters = [mirrorTo('copy', { fraction })];
    const { sidecar, port } = await start(
      t,
      { filters },
      { cart: cart.port, copy: copy.port },
      { random: seededRandom(7) },
    );
    for (let asked = 0; asked < 500; asked += 20) await ask(port, get().repeat(20));
    const lines = await sidecar.logged(500);
    const drawn = lines.filter((line) => line['mirrors'] !== undefined).length;
    t.true(Math.abs(drawn - 500 * fraction) <= 3 * Math.sqrt(500 * fraction * (1 - fraction)), `${drawn}`);
  });
}
