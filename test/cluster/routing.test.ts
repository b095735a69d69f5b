import test from 'ava';
import { get } from './kubectl.ts';
import { client, deploy, pod, service } from './support/app.ts';
import { type Caller, startCaller } from './support/call.ts';
import { type SidecarLog, followSidecarLog } from './support/log.ts';
import { addressesOf, inUrl, readPod } from './support/pods.ts';
import { httpRoute, prefix, to } from './support/route.ts';
import { useNamespace } from './support/useNamespace.ts';

// All routes are there before the client's sidecar first asks for them, so no test waits for one.
const namespace = useNamespace('route-routing');
const v1 = { selector: { app: 'v1' } };
let caller: Caller;
let log: SidecarLog;

const redirect = (path: string, requestRedirect: object, more: object = {}): object => ({
  matches: [prefix(path)],
  filters: [{ type: 'RequestRedirect', requestRedirect }],
  ...more,
});
const rewrite = (path: string, urlRewrite: object): object => ({
  matches: [prefix(path)],
  filters: [{ type: 'URLRewrite', urlRewrite }],
  backendRefs: [to('v1')],
});
const toPrefix = (replacePrefixMatch: string) => ({ path: { type: 'ReplacePrefixMatch', replacePrefixMatch } });
const toFull = (replaceFullPath: string) => ({ path: { type: 'ReplaceFullPath', replaceFullPath } });
const change = (name: string) => ({
  set: [{ name: 'x-set', value: name }],
  add: [{ name: 'x-add', value: name }],
  remove: ['x-remove'],
});

const redirects = [
  { to: { scheme: 'https' }, location: 'https://redirects/0/a?q=1' },
  { to: { scheme: 'https', port: 8443 }, location: 'https://redirects:8443/1/a?q=1' },
  { to: { hostname: 'other.example' }, location: 'http://other.example/2/a?q=1' },
  { to: { port: 8080 }, location: 'http://redirects:8080/3/a?q=1' },
  { to: { port: 80 }, location: 'http://redirects/4/a?q=1' },
  { to: { scheme: 'https', port: 443 }, location: 'https://redirects/5/a?q=1' },
  { to: { ...toFull('/whole') }, location: 'http://redirects/whole?q=1' },
  { to: { ...toPrefix('/new') }, location: 'http://redirects/new/a?q=1' },
  { to: { ...toPrefix('/') }, location: 'http://redirects/a?q=1' },
  { to: { statusCode: 301 }, location: 'http://redirects/9/a?q=1', status: 301 },
  { to: { statusCode: 303, hostname: 'x.example' }, location: 'http://x.example/10/a?q=1', status: 303 },
  { to: { statusCode: 307, hostname: 'x.example' }, location: 'http://x.example/11/a?q=1', status: 307 },
  { to: { statusCode: 308, hostname: 'x.example' }, location: 'http://x.example/12/a?q=1', status: 308 },
];

test.before(async () => {
  await deploy([
    client(namespace),
    ...['v1', 'v2'].map((name) => pod(namespace, name)),
    ...['v1', 'v2', 'free'].map((name) => service(namespace, name, name === 'free' ? v1 : {})),
    service(namespace, 'nobody'),
    service(namespace, 'secure', { ports: [{ name: 'https', port: 443 }] }),
    ...['redirects', 'rewrites', 'headers', 'weights', 'failures', 'looped', 'mixed'].map((name) =>
      service(namespace, name, v1),
    ),
    service(namespace, 'ports', {
      ...v1,
      ports: [80, 8080].map((port) => ({ name: `http-${port}`, port, targetPort: 8080 })),
    }),
    httpRoute(
      namespace,
      'redirects',
      'redirects',
      // A route may have 16 rules.
      redirects.map(({ to: target }, index) => redirect(`/${index}`, target)),
    ),
    httpRoute(namespace, 'rewrites', 'rewrites', [
      rewrite('/prefix', toPrefix('/new')),
      rewrite('/root', toPrefix('/')),
      rewrite('/full', toFull('/whole')),
      rewrite('/host', { hostname: 'backend.example' }),
      rewrite('/both', { hostname: 'backend.example', ...toPrefix('/b') }),
      { matches: [prefix('/plain')], backendRefs: [to('v1')] },
    ]),
    httpRoute(namespace, 'headers', 'headers', [
      {
        filters: [
          { type: 'RequestHeaderModifier', requestHeaderModifier: change('rule') },
          { type: 'ResponseHeaderModifier', responseHeaderModifier: change('rule') },
        ],
        backendRefs: [
          to('v1', {
            filters: [
              { type: 'RequestHeaderModifier', requestHeaderModifier: { add: [{ name: 'x-add', value: 'backend' }] } },
              {
                type: 'ResponseHeaderModifier',
                responseHeaderModifier: { set: [{ name: 'x-set', value: 'backend' }], add: change('backend').add },
              },
            ],
          }),
        ],
      },
    ]),
    httpRoute(namespace, 'weights', 'weights', [
      { backendRefs: [to('v1', { weight: 70 }), to('v2', { weight: 30 }), to('absent', { weight: 0 })] },
    ]),
    httpRoute(namespace, 'failures', 'failures', [
      { name: 'absent', matches: [prefix('/absent')], backendRefs: [to('absent')] },
      { name: 'kind', matches: [prefix('/kind')], backendRefs: [to('b', { group: 'example.com', kind: 'Bucket' })] },
      { name: 'grant', matches: [prefix('/grant')], backendRefs: [to('kube-dns', { namespace: 'kube-system' })] },
      { name: 'tls', matches: [prefix('/tls')], backendRefs: [to('secure', { port: 443 })] },
      { name: 'none', matches: [prefix('/none')] },
      { name: 'zero', matches: [prefix('/zero')], backendRefs: [to('v1', { weight: 0 })] },
      {
        name: 'extension',
        matches: [prefix('/extension')],
        filters: [{ type: 'ExtensionRef', extensionRef: { group: 'example.com', kind: 'Limit', name: 'a' } }],
        backendRefs: [to('v1')],
      },
      { name: 'empty', matches: [prefix('/empty')], backendRefs: [to('nobody')] },
    ]),
    httpRoute(namespace, 'looped', 'looped', [{ backendRefs: [to('mixed')] }]),
    httpRoute(namespace, 'mixed', 'mixed', [
      { name: 'one', matches: [prefix('/1')], backendRefs: [to('v1')] },
      { name: 'two', matches: [prefix('/2')], backendRefs: [to('v2')] },
    ]),
    httpRoute(namespace, 'ports', { name: 'ports', port: 80 }, [{ backendRefs: [to('v2')] }]),
  ]);
  caller = await startCaller(namespace, 'client');
  log = await followSidecarLog(namespace, 'client');
});

test.after.always(() => {
  caller?.close();
  log?.close();
});

for (const [index, { to: target, location, status = 302 }] of redirects.entries()) {
  test(`a redirect to ${JSON.stringify(target)}`, async (t) => {
    const answer = await caller.call(`http://redirects/${index}/a?q=1`);
    t.is(answer.status, status);
    t.is(answer.headers['location'], location);
    t.is(answer.text, '');
    t.like(await log.find({ path: `/${index}/a`, direction: 'outbound' }), {
      status,
      rule: index,
      route: `HTTPRoute ${namespace}/redirects`,
      level: 'info',
      endpoint: undefined,
    });
  });
}

for (const [sent, path, host] of [
  ['/prefix/a/b?q=%20', '/new/a/b?q=%20', 'rewrites'],
  ['/prefix', '/new', 'rewrites'],
  ['/root/a', '/a', 'rewrites'],
  ['/root', '/', 'rewrites'],
  ['/full/a?q=1', '/whole?q=1', 'rewrites'],
  ['/host/a?q=1', '/host/a?q=1', 'backend.example'],
  ['/both/a', '/b/a', 'backend.example'],
  ['/plain/%2e%2E/a//b?x=a+b&y', '/plain/%2e%2E/a//b?x=a+b&y', 'rewrites'],
] as const) {
  test(`the backend sees ${path} at ${host} for ${sent}`, async (t) => {
    const { seen } = await caller.call(`http://rewrites${sent}`);
    t.like(seen, { pod: 'v1', path, host });
  });
}

test('headers are set, added and removed, by rules and by backends, of requests and responses', async (t) => {
  const headers = { 'X-Set': 'client', 'X-Add': 'client', 'X-Remove': 'client', 'X-Kept': 'Client' };
  const answer = await caller.call('http://headers/?header=X-Set:app&header=X-Add:app&header=X-Remove:app', {
    headers,
  });
  const { 'x-set': set, 'x-add': add, 'x-remove': remove, 'x-kept': kept } = answer.seen?.headers ?? {};
  t.deepEqual(
    { set, add, remove, kept },
    { set: 'rule', add: 'client, rule, backend', remove: undefined, kept: 'Client' },
  );
  t.is(answer.headers['x-set'], 'rule');
  t.is(answer.headers['x-add'], 'app, backend, rule');
  t.is(answer.headers['x-remove'], undefined);
});

test('weights are the shares of many requests on few connections, and stand in the log', async (t) => {
  const count = 600;
  const answers = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      caller.call(`http://weights/w${index % 50}`, { keepAlive: index % 2 === 0 }),
    ),
  );
  t.true(answers.every(({ status }) => status === 200));
  const share = answers.filter(({ seen }) => seen?.pod === 'v1').length / count;
  // Four standard deviations.
  t.true(Math.abs(share - 0.7) < 0.075, `v1 got ${share}`);
  t.like(await log.find({ service: `${namespace}/weights:80`, pod: 'v1' }), {
    backend: `${namespace}/v1:80`,
    share: '70%',
  });
  t.like(await log.find({ service: `${namespace}/weights:80`, pod: 'v2' }), {
    backend: `${namespace}/v2:80`,
    share: '30%',
  });
});

for (const [path, status, flags, reason] of [
  ['/other', 404, 'NR', /^no rule of the routes on this Service port matches the request$/],
  ['/absent', 500, 'NC', /^BackendNotFound: Service \S+\/absent does not exist; create it or correct backendRef$/],
  ['/kind', 500, 'NC', /^InvalidKind: .*Bucket\.example\.com; only a Service can be a backend$/],
  ['/grant', 500, 'NC', /^RefNotPermitted: .*create a ReferenceGrant in namespace kube-system/],
  ['/tls', 500, 'NC', /^UnsupportedProtocol: port 443 of Service \S+\/secure expects TLS/],
  ['/none', 500, 'NC', /^the rule has no backend with a weight above 0: give it one$/],
  ['/zero', 500, 'NC', /^the rule has no backend with a weight above 0: give it one$/],
  ['/extension', 500, 'NFCF', /^ExtensionRef: filter ExtensionRef names .*; no extension is supported, remove it$/],
  ['/empty', 503, 'UH', /^\S+\/nobody:80 has no endpoints: is its selector right/],
] as const) {
  test(`${path} is answered ${status} with the reason, which is logged with flag ${flags}`, async (t) => {
    const answer = await caller.call(`http://failures${path}`);
    t.is(answer.status, status);
    const line = await log.find({ path });
    const ruled = status !== 404;
    t.like(line, { status, flags, level: 'warn', service: `${namespace}/failures:80` });
    t.is(line.ruleName, ruled ? path.slice(1) : undefined);
    t.is(line.route, ruled ? `HTTPRoute ${namespace}/failures` : undefined);
    t.regex(line.reason ?? '', reason);
    t.is(answer.text.trim(), `heddle: ${status} ${line.reason}`);
  });
}

test('a request to a backend is not routed again by the routes of that Service', async (t) => {
  t.like((await caller.call('http://looped/2')).seen, { pod: 'v1' });
  t.like((await caller.call('http://looped/neither')).seen, { pod: 'v1', path: '/neither' });
  t.is((await caller.call('http://mixed/neither')).status, 404);
});

test('each request of one connection is routed by itself, with the name of its rule in the log', async (t) => {
  const paths = ['/1/k', '/2/k', '/none/k', '/2/l', '/1/l'];
  const answers = [];
  for (const path of paths) answers.push(await caller.call(`http://mixed${path}`, { keepAlive: true }));
  t.deepEqual(
    answers.map(({ status, seen }) => [status, seen?.pod]),
    [
      [200, 'v1'],
      [200, 'v2'],
      [404, undefined],
      [200, 'v2'],
      [200, 'v1'],
    ],
  );
  t.is(new Set(answers.map(({ port }) => port)).size, 1);
  t.like(await log.find({ path: '/1/k' }), { rule: 0, ruleName: 'one', matched: 'path prefix /1', share: '100%' });
  t.like(await log.find({ path: '/2/k' }), {
    rule: 1,
    ruleName: 'two',
    matched: 'path prefix /2',
    backend: `${namespace}/v2:80`,
  });
});

test('a route on port 80 does not touch port 8080', async (t) => {
  t.is((await caller.call('http://ports/p80')).seen?.pod, 'v2');
  t.is((await caller.call('http://ports:8080/p8080')).seen?.pod, 'v1');
  t.like(await log.find({ path: '/p8080' }), { service: `${namespace}/ports:8080`, route: undefined });
});

// Alone: where no Service says what a port speaks, a client that is slow to speak passes as TCP.
test.serial(
  'IPv4 and IPv6 addresses of a Service are routed alike, and to a pod’s own address nothing is',
  async (t) => {
    const { spec } = await get<{ spec: { clusterIPs: string[] } }>('-n', namespace, 'service', 'ports');
    t.is(spec.clusterIPs.length, 2);
    for (const [index, address] of spec.clusterIPs.entries()) {
      t.is((await caller.call(`http://${inUrl(address)}/family${index}`)).seen?.pod, 'v2', address);
      t.like(await log.find({ path: `/family${index}` }), { route: `HTTPRoute ${namespace}/ports` });
    }
    const own = addressesOf(await readPod(namespace, 'v1'));
    t.is(own.length, 2);
    for (const [index, ip] of own.entries()) {
      const { seen } = await caller.call(`http://${inUrl(ip)}:8080/pod${index}`, { headers: { Host: 'ports' } });
      t.like(seen, { pod: 'v1', host: 'ports' });
      t.like(await log.find({ path: `/pod${index}` }), { backend: 'passthrough', route: undefined, status: 200 });
    }
  },
);

test('the Host header decides nothing and arrives as it was sent', async (t) => {
  for (const [called, host, name] of [
    ['ports', 'free', 'v2'],
    ['free', 'ports', 'v1'],
  ] as const) {
    const { seen } = await caller.call(`http://${called}/host-${host}`, { headers: { Host: `${host}.example:123` } });
    t.like(seen, { pod: name, host: `${host}.example:123` });
    t.is((await log.find({ path: `/host-${host}` })).service, `${namespace}/${called}:80`);
  }
});
