import test from 'ava';
import type { Filter, Rule } from '../../../routing/model.ts';
import { backendSample, matchSample, prefix, routeSample } from '../../routing/samples.ts';
import { startOkBackend } from '../backend.ts';
import { type Entry, endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { ask } from '../peer.ts';

const modifier = { set: [], add: [], remove: [] };
const request = { type: 'RequestHeaderModifier', ...modifier } as const;
const response = { type: 'ResponseHeaderModifier', ...modifier } as const;
const get = 'GET /old/a?q=1 HTTP/1.1\r\nHost: x\r\nA: 1\r\nB: 2\r\n\r\n';

type Case = {
  readonly title: string;
  readonly rule: Partial<Rule>;
  readonly send?: string;
  readonly status: number;
  /** What the backend sees, head only. */
  readonly sees?: string;
  /** Must be found in the response. */
  readonly answer?: RegExp;
  readonly entry: Entry;
};

const backend = (...filters: readonly Filter[]) => [backendSample({ filters })];
const forwarded: Entry = {
  message: 'request',
  direction: 'outbound',
  method: 'GET',
  path: '/old/a',
  service: 'shop/cart:80',
  route: 'HTTPRoute shop/cart',
  rule: 0,
  matched: 'path prefix /old',
  backend: 'shop/cart:80',
  share: '100%',
  revision: 'r1',
};

const cases: readonly Case[] = [
  {
    title: 'request headers are set, added and removed by the rule, then by the backend',
    rule: {
      filters: [{ ...request, set: [{ name: 'a', value: 'rule' }], add: [{ name: 'C', value: 'rule' }] }],
      backends: backend({ ...request, add: [{ name: 'C', value: 'backend' }], remove: ['b'] }),
    },
    status: 200,
    sees: 'GET /old/a?q=1 HTTP/1.1\r\nHost: x\r\na: rule\r\nC: rule\r\nC: backend\r\n\r\n',
    entry: forwarded,
  },
  {
    title: 'response headers are changed by the backend, then by the rule',
    rule: {
      filters: [{ ...response, set: [{ name: 'V', value: 'rule' }] }],
      backends: backend({
        ...response,
        set: [{ name: 'V', value: 'backend' }],
        add: [{ name: 'W', value: 'w' }],
        remove: ['Server'],
      }),
    },
    status: 200,
    answer: /^HTTP\/1.1 200 OK\r\nW: w\r\nV: rule\r\nContent-Length: 2\r\n\r\nok$/,
    entry: forwarded,
  },
  {
    title: 'a rewrite changes host and prefix; the log has the path that the client sent',
    rule: {
      filters: [{ type: 'URLRewrite', hostname: 'new.example', path: { type: 'ReplacePrefixMatch', value: '/new' } }],
      backends: backend(),
    },
    status: 200,
    sees: 'GET /new/a?q=1 HTTP/1.1\r\nHost: new.example\r\nA: 1\r\nB: 2\r\n\r\n',
    entry: forwarded,
  },
  {
    title: 'the rewrite of a backend goes before that of its rule',
    rule: {
      filters: [{ type: 'URLRewrite', hostname: 'rule.example' }],
      backends: backend({ type: 'URLRewrite', path: { type: 'ReplaceFullPath', value: '/full' } }),
    },
    status: 200,
    sees: 'GET /full?q=1 HTTP/1.1\r\nHost: rule.example\r\nA: 1\r\nB: 2\r\n\r\n',
    entry: forwarded,
  },
  {
    title: 'what a filter sets is written as its UTF-8 bytes, whatever the character',
    rule: {
      filters: [
        {
          type: 'RequestHeaderModifier',
          set: [{ name: 'A', value: 'São' }],
          add: [{ name: 'C', value: '\u010a' }],
          remove: [],
        },
        { ...response, set: [{ name: 'V', value: '\u010d\u010a' }] },
      ],
      backends: backend(),
    },
    status: 200,
    sees: 'GET /old/a?q=1 HTTP/1.1\r\nHost: x\r\nB: 2\r\nA: S\xc3\xa3o\r\nC: \xc4\x8a\r\n\r\n',
    answer: /\r\nV: \xc4\x8d\xc4\x8a\r\n/,
    entry: forwarded,
  },
  {
    title: 'a rewrite of an absolute target changes it there',
    send: 'GET https://x/old/a?q=1 HTTP/1.1\r\nHost: x\r\n\r\n',
    rule: {
      filters: [{ type: 'URLRewrite', hostname: 'new.example', path: { type: 'ReplacePrefixMatch', value: '/new' } }],
      backends: backend(),
    },
    status: 200,
    sees: 'GET https://new.example/new/a?q=1 HTTP/1.1\r\nHost: new.example\r\n\r\n',
    entry: forwarded,
  },
  {
    title: 'a redirect of an https target stays https',
    send: 'GET https://x/old/a HTTP/1.1\r\nHost: x\r\n\r\n',
    rule: { filters: [{ type: 'RequestRedirect', hostname: 'y', statusCode: 302 }] },
    status: 302,
    answer: /\r\nLocation: https:\/\/y\/old\/a\r\n/,
    entry: { ...forwarded, backend: undefined, share: undefined, flags: undefined },
  },
  {
    title: 'a redirect is answered here, with the response headers of its rule',
    rule: {
      filters: [
        {
          type: 'RequestRedirect',
          scheme: 'https',
          hostname: 'y',
          path: { type: 'ReplacePrefixMatch', value: '/' },
          statusCode: 301,
        },
        { ...response, add: [{ name: 'W', value: 'w' }] },
      ],
    },
    status: 301,
    answer:
      /^HTTP\/1.1 301 Moved Permanently\r\nDate: [^\r]+ GMT\r\nLocation: https:\/\/y\/a\?q=1\r\nW: w\r\nContent-Length: 0\r\n\r\n$/,
    entry: { ...forwarded, backend: undefined, share: undefined, flags: undefined },
  },
  {
    title: 'an invalid backend is 500 with NC and its reason',
    rule: {
      backends: [
        backendSample({
          name: 'gone',
          target: { type: 'Invalid', reason: 'BackendNotFound', message: 'Service shop/gone does not exist' },
        }),
      ],
    },
    status: 500,
    answer: /BackendNotFound: Service shop\/gone does not exist/,
    entry: {
      ...forwarded,
      backend: 'shop/gone:80',
      flags: 'NC',
      reason: 'BackendNotFound: Service shop/gone does not exist',
    },
  },
  {
    title: 'a backend whose protocol no codec speaks is 500 with NC, never asked in another one',
    rule: {
      backends: [backendSample({ target: { type: 'Endpoints', endpoints: 'shop/cart:80', protocol: 'tls' } })],
    },
    status: 500,
    entry: {
      ...forwarded,
      flags: 'NC',
      reason: 'UnsupportedProtocol: requests cannot be sent to endpoints that speak tls',
    },
  },
  {
    title: 'a rule without backends is 500 with NC',
    rule: { backends: [] },
    status: 500,
    entry: { ...forwarded, backend: undefined, share: undefined, flags: 'NC' },
  },
  {
    title: 'a rule whose backends all weigh 0 is 500 with NC',
    rule: { backends: [backendSample({ weight: 0 })] },
    status: 500,
    entry: { ...forwarded, backend: undefined, share: undefined, flags: 'NC' },
  },
  {
    title: 'a filter that is not supported is 500 with NFCF, whatever else the rule says',
    rule: {
      filters: [
        { ...response, add: [{ name: 'W', value: 'w' }] },
        { type: 'Unsupported', name: 'RequestMirror', message: 'is not built: remove it' },
      ],
      backends: backend(),
    },
    status: 500,
    answer: /^(?![^]*W: w)[^]*RequestMirror: is not built: remove it/,
    entry: {
      ...forwarded,
      backend: undefined,
      share: undefined,
      flags: 'NFCF',
      reason: 'RequestMirror: is not built: remove it',
    },
  },
  {
    title: 'so it is on a backend',
    rule: { backends: backend({ type: 'Unsupported', name: 'CORS', message: 'is not built: remove it' }) },
    status: 500,
    entry: { ...forwarded, flags: 'NFCF' },
  },
  {
    title: 'a backend without a ready endpoint is 503 with UH',
    rule: {
      backends: [
        backendSample({ name: 'empty', target: { type: 'Endpoints', endpoints: 'shop/empty:80', protocol: 'detect' } }),
      ],
    },
    status: 503,
    answer: /shop\/empty:80 has no endpoints/,
    entry: { ...forwarded, backend: 'shop/empty:80', flags: 'UH', endpoint: undefined },
  },
  {
    title: 'a request that no rule matches is 404 with NR',
    rule: { backends: backend() },
    send: get.replace('/old', '/older'),
    status: 404,
    entry: {
      message: 'request',
      path: '/older/a',
      service: 'shop/cart:80',
      route: undefined,
      flags: 'NR',
      revision: 'r1',
    },
  },
];

for (const { title, rule, send = get, status, sees, answer, entry } of cases) {
  test(title, async (t) => {
    const server = await startOkBackend(t, 'HTTP/1.1 200 OK\r\nServer: s\r\nV: 0\r\nContent-Length: 2\r\n\r\nok');
    const sidecar = setUp(t);
    const rules = [{ index: 0, filters: [], backends: [], ...rule, matches: [matchSample({ path: prefix('/old') })] }];
    const routing = routingSample({ routes: [{ ...routeSample([]), rules }] });
    const problem = sidecar.apply(
      routing,
      endpointsOf('cart', readyEndpoint(server.port, { pod: 'cart-1' })),
      endpointsOf('empty'),
    );
    t.is(problem, undefined);
    const text = await ask(await sidecar.service(), send);
    t.is(text.slice(9, 12), `${status}`);
    if (answer !== undefined) t.regex(text, answer);
    if (sees !== undefined) t.is(server.requests[0]?.head, sees);
    t.is(server.requests.length, status === 200 ? 1 : 0);
    const [line] = await sidecar.logged(1);
    for (const [field, value] of Object.entries({ ...entry, status })) t.is(line?.[field], value, field);
    if (status === 200) t.is(line?.['pod'], 'cart-1');
    t.deepEqual(await sidecar.leftovers(), []);
  });
}

const backendOf = (name: string, weight: number) =>
  backendSample({ name, weight, target: { type: 'Endpoints', endpoints: `shop/${name}:80`, protocol: 'detect' } });

test('weights are shares of the draws, and an invalid share is 500', async (t) => {
  const one = await startOkBackend(t);
  const two = await startOkBackend(t);
  let draw = 0;
  const sidecar = setUp(t, { random: () => (draw++ % 10) / 10 });
  const invalid = backendSample({
    name: 'bad',
    weight: 2,
    target: { type: 'Invalid', reason: 'InvalidKind', message: 'no' },
  });
  const rules = [
    { index: 0, filters: [], backends: [backendOf('one', 6), backendOf('two', 2), invalid], matches: [matchSample()] },
  ];
  sidecar.apply(
    routingSample({ routes: [{ ...routeSample([]), rules }] }),
    endpointsOf('cart'),
    endpointsOf('one', readyEndpoint(one.port)),
    endpointsOf('two', readyEndpoint(two.port)),
  );
  const text = await ask(await sidecar.service(), 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(100));
  t.deepEqual([one.requests.length, two.requests.length, text.split('HTTP/1.1 500').length - 1], [60, 20, 20]);
  t.deepEqual(new Set(sidecar.entries.map((entry) => entry['share'])), new Set(['60%', '20%']));
  t.deepEqual(await sidecar.leftovers(), []);
});
