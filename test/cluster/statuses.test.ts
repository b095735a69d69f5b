import test from 'ava';
import { controllerName } from '../../contract/objects.ts';
import { apply, kubectl } from './kubectl.ts';
import { eventually } from './process/progress.ts';
import { service } from './support/app.ts';
import { type RouteParent, httpRoute, prefix, readRoute, serviceRef, to } from './support/route.ts';
import { useNamespace } from './support/useNamespace.ts';

// What the installed agents write. test/cluster/status.test.ts tests the writer itself: conflicts, the Lease, and the rest.
const namespace = useNamespace('route-status', {});

type Expected = readonly [type: string, status: string, reason: string, message: RegExp];
const accepted: Expected = ['Accepted', 'True', 'Accepted', /^Route is accepted$/];
const resolved: Expected = ['ResolvedRefs', 'True', 'ResolvedRefs', /^All references are resolved$/];
const notAccepted = (reason: string, message: RegExp): readonly [Expected, Expected] => [
  ['Accepted', 'False', reason, message],
  resolved,
];
const notResolved = (reason: string, message: RegExp): readonly [Expected, Expected] => [
  accepted,
  ['ResolvedRefs', 'False', reason, message],
];

const extension = { type: 'ExtensionRef', extensionRef: { group: 'example.com', kind: 'Limit', name: 'a' } };
const prefixRewrite = {
  type: 'URLRewrite',
  urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } },
};

type Parent = { readonly name: string; readonly [field: string]: unknown };
type Case = { readonly parent?: Parent; readonly rule?: object; readonly expected: readonly [Expected, Expected] };
const toBackend = (name: string, more?: object): object => ({ backendRefs: [to(name, more)] });
const cases: Readonly<Record<string, Case>> = {
  accepted: { expected: [accepted, resolved] },
  'accepted-port': { parent: { name: 'web', port: 80 }, expected: [accepted, resolved] },
  'accepted-section': { parent: { name: 'web', sectionName: 'http', port: 80 }, expected: [accepted, resolved] },
  'accepted-in-part': {
    parent: { name: 'many' },
    expected: [
      [
        'Accepted',
        'True',
        'Accepted',
        /^Route is accepted; port 443 \(https\) of Service \S+ is not routed: it speaks TLS/,
      ],
      resolved,
    ],
  },
  'no-service': {
    parent: { name: 'nobody' },
    expected: notAccepted('NoMatchingParent', /^Service \S+\/nobody does not exist; create it or correct parentRef$/),
  },
  'no-port': {
    parent: { name: 'web', port: 81 },
    expected: notAccepted('NoMatchingParent', /has no TCP port with port 81; it has 80 \(http\); correct parentRef$/),
  },
  'no-section': {
    parent: { name: 'web', sectionName: 'grpc' },
    expected: notAccepted('NoMatchingParent', /with sectionName grpc; it has 80 \(http\)/),
  },
  'no-such-pair': {
    parent: { name: 'many', port: 80, sectionName: 'https' },
    expected: notAccepted('NoMatchingParent', /with port 80 and sectionName https; it has 80 \(http\), 443 \(https\)/),
  },
  'only-udp': {
    parent: { name: 'udp' },
    expected: notAccepted('NoMatchingParent', /has no TCP port; it has 53 \(dns\) UDP/),
  },
  headless: {
    parent: { name: 'headless' },
    expected: notAccepted('UnsupportedValue', /is headless; only a Service with a ClusterIP can be a parent/),
  },
  external: {
    parent: { name: 'external' },
    expected: notAccepted('UnsupportedValue', /is of type ExternalName; only a Service with a ClusterIP/),
  },
  'only-tls': {
    parent: { name: 'many', sectionName: 'https' },
    expected: notAccepted(
      'NotAllowedByListeners',
      /speaks TLS, so that its requests cannot be read; set appProtocol: http/,
    ),
  },
  opaque: {
    parent: { name: 'opaque' },
    expected: notAccepted(
      'NotAllowedByListeners',
      /is opaque; set appProtocol: http, or take it out of heddle\.dev\/opaque-ports/,
    ),
  },
  extension: {
    rule: { filters: [extension], backendRefs: [to('web')] },
    expected: notAccepted(
      'UnsupportedValue',
      /^rule 0: filter ExtensionRef names .*; no extension is supported, remove/,
    ),
  },
  timeouts: { rule: { timeouts: { request: '5s' }, backendRefs: [to('web')] }, expected: [accepted, resolved] },
  'timeouts-off': { rule: { timeouts: { request: '0s' }, backendRefs: [to('web')] }, expected: [accepted, resolved] },
  'bad-pattern': {
    rule: { matches: [{ path: { type: 'RegularExpression', value: '/a(?=b)' } }], backendRefs: [to('web')] },
    expected: notAccepted('UnsupportedValue', /^rule 0, match 0: path has the regular expression/),
  },
  'no-backend': {
    rule: toBackend('nobody'),
    expected: notResolved('BackendNotFound', /^Service \S+\/nobody does not exist; create it or correct backendRef$/),
  },
  'no-backend-port': {
    rule: toBackend('web', { port: 81 }),
    expected: notResolved('BackendNotFound', /^Service \S+\/web has no port 81; its ports: 80$/),
  },
  'other-kind': {
    rule: toBackend('bucket', { group: 'example.com', kind: 'Bucket' }),
    expected: notResolved('InvalidKind', /is a Bucket\.example\.com; only a Service can be a backend/),
  },
  'external-backend': {
    rule: toBackend('external'),
    expected: notResolved('InvalidKind', /is of type ExternalName, which has no endpoints; name another Service/),
  },
  'no-grant': {
    rule: toBackend('kube-dns', { namespace: 'kube-system', port: 53 }),
    expected: notResolved(
      'RefNotPermitted',
      /create a ReferenceGrant in namespace kube-system from HTTPRoute to Service/,
    ),
  },
  'tls-backend': {
    rule: toBackend('many', { port: 443 }),
    expected: notResolved('UnsupportedProtocol', /port 443 of Service \S+ expects TLS.*name a port that speaks HTTP/),
  },
  'grpc-backend': {
    rule: toBackend('many', { port: 9000 }),
    expected: [accepted, resolved],
  },
  'udp-backend': {
    rule: toBackend('udp', { port: 53 }),
    expected: notResolved('UnsupportedProtocol', /port 53 of Service \S+ is not TCP; name another/),
  },
};

const routeOf = (name: string, parent: Parent, rule: object) => httpRoute(namespace, name, parent, [rule]);

test.before(async () => {
  const ports = [
    { name: 'http', port: 80 },
    { name: 'https', port: 443 },
    { name: 'rpc', appProtocol: 'kubernetes.io/h2c', port: 9000 },
  ];
  await apply([
    service(namespace, 'web'),
    service(namespace, 'many', { ports }),
    service(namespace, 'opaque', {}, { 'heddle.dev/opaque-ports': '80' }),
    service(namespace, 'udp', { ports: [{ name: 'dns', port: 53, protocol: 'UDP' }] }),
    service(namespace, 'headless', { clusterIP: 'None' }),
    { ...service(namespace, 'external'), spec: { type: 'ExternalName', externalName: 'example.com' } },
  ]);
});

test('every reason stands in the status that the API server has, with what to do', async (t) => {
  const routes = Object.entries(cases).map(([name, { parent = { name: 'web' }, rule = toBackend('web') }]) =>
    // A match of its own, or it would be told that it never gets a request.
    routeOf(name, parent, { matches: [prefix(`/${name}`)], ...rule }),
  );
  await apply(routes);
  for (const [name, { parent = { name: 'web' }, expected }] of Object.entries(cases)) {
    const { parents } = await settled(name, 1);
    t.is(parents.length, 1, name);
    t.is(parents[0]?.controllerName, controllerName);
    t.deepEqual(parents[0]?.parentRef, { group: '', kind: 'Service', ...parent }, name);
    t.is(parents[0]?.conditions.length, 2, name);
    for (const [index, [type, status, reason, message]] of expected.entries()) {
      const condition = parents[0]?.conditions[index];
      t.like(condition, { type, status, reason, observedGeneration: 1 }, name);
      t.regex(condition?.message ?? '', message, name);
    }
  }
});

for (const [name, rule, words] of [
  ['redirect and rewrite', { filters: [{ type: 'RequestRedirect', requestRedirect: {} }, prefixRewrite] }, /not both/],
  ['two rewrites', { filters: [prefixRewrite, prefixRewrite] }, /cannot be repeated/],
  [
    'redirect and backend',
    { filters: [{ type: 'RequestRedirect', requestRedirect: {} }], backendRefs: [to('web')] },
    /RequestRedirect filter must not be used together with backendRefs/,
  ],
] as const) {
  test(`what would be IncompatibleFilters is refused by the API server before: ${name}`, async (t) => {
    const route = routeOf('refused', { name: 'web' }, { matches: [prefix('/')], ...rule });
    t.regex((await t.throwsAsync(apply([route])))?.message ?? '', words);
  });
}

test('an edit is observed: generation, reasons, and the time of a change only where there is one', async (t) => {
  await apply([routeOf('edited', { name: 'web' }, toBackend('web'))]);
  const before = await settled('edited', 1);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await apply([routeOf('edited', { name: 'web' }, toBackend('nobody'))]);
  const after = await settled('edited', 2);
  t.like(after.parents[0]?.conditions[1], { status: 'False', reason: 'BackendNotFound' });
  const times = [before, after].map(({ parents }) => parents[0]?.conditions.map((one) => one.lastTransitionTime) ?? []);
  t.is(times[1]?.[0], times[0]?.[0], 'Accepted stayed True');
  t.true((times[1]?.[1] ?? '') > (times[0]?.[1] ?? ''), 'ResolvedRefs became False');
  // What the route refers to appears: its generation stays.
  await apply([routeOf('edited', { name: 'web' }, toBackend('gone'))]);
  await settled('edited', 3);
  await apply([service(namespace, 'gone')]);
  await eventually(
    'the references resolved',
    () => readRoute(namespace, 'edited'),
    ({ parents, generation }) => generation === 3 && parents[0]?.conditions[1]?.status === 'True',
  );
  await kubectl('-n', namespace, 'delete', 'service', 'gone');
  await eventually(
    'BackendNotFound',
    () => readRoute(namespace, 'edited'),
    ({ parents }) => parents[0]?.conditions[1]?.reason === 'BackendNotFound',
  );
  t.pass();
});

test('entries of other controllers stay as they are, ours go with their parentRef', async (t) => {
  const gateway = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public' };
  const rules = [toBackend('web')];
  await apply([httpRoute(namespace, 'shared', [gateway, serviceRef('web'), serviceRef('many')], rules)]);
  const { parents: ours } = await settled('shared', 1);
  t.deepEqual(
    ours.map(({ parentRef }) => parentRef['name']),
    ['web', 'many'],
  );
  const time = '2020-01-01T00:00:00Z';
  const conditions = [
    { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'theirs', lastTransitionTime: time },
  ];
  const theirs = { controllerName: 'example.com/gateway', parentRef: gateway, conditions };
  const patch = { status: { parents: [theirs, ...ours] } };
  const words = ['patch', 'httproute', 'shared', '--subresource=status', '--type=merge', '-p', JSON.stringify(patch)];
  await kubectl('-n', namespace, ...words);

  await apply([httpRoute(namespace, 'shared', [gateway, serviceRef('many')], rules)]);
  const fewer = await eventually(
    'the entry of web gone',
    () => readRoute(namespace, 'shared'),
    ({ parents }) => parents.length === 2 && parents[1]?.conditions[0]?.observedGeneration === 2,
  );
  t.deepEqual<unknown, unknown>(fewer.parents[0], theirs);
  t.like(fewer.parents[1], { controllerName, parentRef: { name: 'many' } });

  await apply([httpRoute(namespace, 'shared', [gateway], rules)]);
  const none = await eventually(
    'our entries gone',
    () => readRoute(namespace, 'shared'),
    ({ parents }) => parents.length === 1,
  );
  t.deepEqual<unknown, unknown>(none.parents, [theirs]);
});

test('a route without a Service as parent gets nothing from us', async (t) => {
  const bare = { kind: 'Service', name: 'web' };
  await apply([httpRoute(namespace, 'foreign', [bare], [toBackend('web')])]);
  await apply([httpRoute(namespace, 'ours', 'web', [toBackend('web')])]);
  await settled('ours', 1);
  t.deepEqual((await readRoute(namespace, 'foreign')).parents, []);
});

test.serial('a status follows each change of its route', async (t) => {
  const times: number[] = [];
  for (let turn = 1; turn <= 10; turn += 1) {
    await apply([routeOf('timed', { name: 'web', port: 80 + (turn % 2) }, toBackend('web'))]);
    const startedAt = performance.now();
    await settled('timed', turn);
    times.push(Math.round(performance.now() - startedAt));
  }
  t.log(`ms from the end of kubectl apply to a status seen by kubectl get, which takes 100 itself: ${times.join(' ')}`);
  t.is(times.length, 10);
});

/** The route once all entries of ours tell of this generation. */
function settled(name: string, generation: number) {
  const isCurrent = ({ conditions }: RouteParent): boolean =>
    conditions.every(({ observedGeneration }) => observedGeneration === generation);
  return eventually(
    `the status of ${name}`,
    () => readRoute(namespace, name),
    ({ parents }) => {
      const ours = parents.filter((entry) => entry.controllerName === controllerName);
      return ours.length > 0 && ours.every(isCurrent);
    },
  );
}
