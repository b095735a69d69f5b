import * as fc from 'fast-check';

/** A Kubernetes object as YAML has it. */
export type Raw = Readonly<Record<string, unknown>>;

/** A request for Service shop/cart. */
export type RawRequest = {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The client's namespace. */
  readonly from: 'shop' | 'bank' | 'other';
  /** What is drawn, in [0, 1). */
  readonly random: number;
};

const word = fc.constantFrom('a', 'b', 'ab', 'A');
const path = fc.array(word, { maxLength: 3 }).map((words) => `/${words.join('/')}`);
const pathMatch = fc.oneof(
  path.map((value) => ({ type: 'Exact', value })),
  path.map((value) => ({ type: 'PathPrefix', value })),
  path.map((value) => ({ type: 'PathPrefix', value })),
  fc.constantFrom('/a.*', '/(a|b)/.+', '.*b', '/[A-Z]').map((value) => ({ type: 'RegularExpression', value })),
);
const name = fc.constantFrom('x', 'y', 'Z');
const condition = fc.oneof(
  fc.record({ name, value: fc.constantFrom('1', '2', 'ü') }),
  fc.record({ name, value: fc.constantFrom('1|2', '[0-9]+', '.*'), type: fc.constant('RegularExpression') }),
);
const few = <T>(one: fc.Arbitrary<T>) => fc.oneof(fc.constant([]), fc.constant([]), fc.array(one, { maxLength: 2 }));
const method = fc.constantFrom('GET', 'POST', 'PUT', 'OPTIONS');
const match = fc.record(
  { path: pathMatch, headers: few(condition), queryParams: few(condition), method },
  { requiredKeys: ['headers', 'queryParams'] },
);
const fields = few(
  fc.record({ name: fc.constantFrom('x', 'x-added', 'x-server'), value: fc.constantFrom('1', 'v', 'ü') }),
);
const headers = fc.record({ set: fields, add: fields, remove: few(fc.constantFrom('y', 'x-server')) });
const newPath = fc.constantFrom<Raw>(
  { type: 'ReplaceFullPath', replaceFullPath: '/full' },
  { type: 'ReplacePrefixMatch', replacePrefixMatch: '/p' },
  { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' },
);
const backendRef = fc.constantFrom<Raw>(
  { name: 'v1', port: 80 },
  { name: 'v2', port: 80 },
  { name: 'pay', namespace: 'bank', port: 80 },
  { name: 'down', namespace: 'shop', port: 80 },
  { name: 'tls', namespace: 'shop', port: 443 },
  { name: 'none', port: 80 },
);
const headerFilter = fc.oneof(
  headers.map((requestHeaderModifier): Raw => ({ type: 'RequestHeaderModifier', requestHeaderModifier })),
  headers.map((responseHeaderModifier): Raw => ({ type: 'ResponseHeaderModifier', responseHeaderModifier })),
);
const rewrite = fc
  .record({ hostname: fc.constant('other.example'), path: newPath }, { requiredKeys: [] })
  .map((urlRewrite): Raw => ({ type: 'URLRewrite', urlRewrite }));
const redirect = fc
  .record(
    {
      path: newPath,
      scheme: fc.constantFrom('http', 'https'),
      port: fc.constantFrom(80, 8080),
      statusCode: fc.constantFrom(301, 302),
    },
    { requiredKeys: [] },
  )
  .map((requestRedirect): Raw => ({ type: 'RequestRedirect', requestRedirect }));
const filter = fc.oneof(
  redirect,
  headerFilter,
  rewrite,
  fc
    .record({ backendRef, percent: fc.constantFrom(0, 100) })
    .map((requestMirror): Raw => ({ type: 'RequestMirror', requestMirror })),
  fc
    .record({
      allowOrigins: fc.constantFrom(['*'], ['http://a']),
      allowMethods: fc.constantFrom(['*'], ['PUT']),
      allowCredentials: fc.boolean(),
    })
    .map((cors): Raw => ({ type: 'CORS', cors })),
  fc.constant<Raw>({ type: 'ExtensionRef', extensionRef: { group: 'x', kind: 'Y', name: 'z' } }),
);
const weighted = fc
  .record({ backendRef, weight: fc.integer({ min: 0, max: 3 }), filters: few(fc.oneof(headerFilter, rewrite)) })
  .map(({ backendRef: ref, ...rest }): Raw => Object.assign({}, ref, rest));
const plainRule = fc.record(
  {
    name: fc.constantFrom('one', 'two'),
    matches: fc.array(match, { maxLength: 3 }),
    filters: fc.oneof(fc.constant([]), fc.array(filter, { maxLength: 2 })),
    backendRefs: fc.array(weighted, { maxLength: 3 }),
    timeouts: fc.constant({ request: '10s' }),
  },
  { requiredKeys: ['backendRefs'] },
);

/** One with a redirect may have no backends. */
const rule = fc.oneof(
  plainRule,
  plainRule,
  plainRule,
  fc
    .record({ plainRule, redirect })
    .map(({ plainRule: one, redirect: only }) => Object.assign({}, one, { filters: [only], backendRefs: [] })),
);

/** A route with shop/cart as parent, of the producer or of a consumer in bank. */
export const route = fc
  .record({
    name: fc.constantFrom('r1', 'r2', 'r3'),
    namespace: fc.constantFrom('shop', 'shop', 'bank'),
    rules: fc.array(rule, { minLength: 1, maxLength: 4 }),
    year: fc.constantFrom(2024, 2025),
  })
  .map(({ name: given, namespace, rules, year }): Raw => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: given, namespace, creationTimestamp: `${year}-01-01T00:00:00Z` },
    spec: {
      parentRefs: [{ group: '', kind: 'Service', name: 'cart', namespace: 'shop' }],
      rules: rules.map(({ name: wanted, ...one }, index) =>
        wanted === undefined ? one : { name: `${wanted}-${index}`, ...one },
      ),
    },
  }));

/** Routes, no two of one name. */
export const routes = fc.uniqueArray(route, {
  minLength: 1,
  maxLength: 3,
  selector: ({ metadata }) => JSON.stringify([(metadata as Raw)['name'], (metadata as Raw)['namespace']]),
});

const pair = fc
  .tuple(fc.constantFrom('x', 'y', 'Z'), fc.constantFrom('1', '2', '3', '%C3%BC', 'a+b'))
  .map((one) => one.join('='));

/** A request that has a good chance to meet some of that. */
export const request: fc.Arbitrary<RawRequest> = fc
  .record({
    method,
    path: fc.tuple(path, fc.constantFrom('', '', '/')).map(([one, slash]) => (one === '/' ? one : one + slash)),
    query: fc.array(pair, { maxLength: 2 }),
    headers: fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.constantFrom('1', '2', 'q'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
    origin: fc.constantFrom(undefined, undefined, 'http://a', 'http://b'),
    announces: fc.constantFrom(undefined, 'PUT', 'GET'),
    from: fc.constantFrom('shop', 'shop', 'bank', 'other'),
    random: fc.integer({ min: 0, max: 999 }).map((thousandths) => thousandths / 1000),
  })
  .map(({ path: given, query, headers: some, origin, announces, ...rest }) => {
    const own = new Map<string, string>(Object.entries(some));
    if (origin !== undefined) own.set('origin', origin);
    if (announces !== undefined) own.set('access-control-request-method', announces);
    const target = query.length === 0 ? given : `${given}?${query.join('&')}`;
    return Object.assign(rest, { target, headers: Object.fromEntries(own) });
  });

/** The Services of the mesh, each with one endpoint on 127.0.0.1; `down` has one that is not ready. */
export function services(portOf: (name: string) => number): readonly Raw[] {
  const rows = [
    ['cart', 'shop', 80, 10],
    ['v1', 'shop', 80, 11],
    ['v2', 'shop', 80, 12],
    ['pay', 'bank', 80, 13],
    ['down', 'shop', 80, 14],
    ['tls', 'shop', 443, 15],
  ] as const;
  return rows
    .flatMap(([service, namespace, port, last]): readonly Raw[] => [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: service, namespace },
        spec: { clusterIP: `10.96.0.${last}`, ports: [{ name: port === 443 ? 'https' : 'http', port }] },
      },
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: service, namespace, labels: { 'kubernetes.io/service-name': service } },
        addressType: 'IPv4',
        ports: [{ name: port === 443 ? 'https' : 'http', port: portOf(service) }],
        endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: service !== 'down' } }],
      },
    ])
    .concat({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'ReferenceGrant',
      metadata: { name: 'g', namespace: 'bank' },
      spec: {
        from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'shop' }],
        to: [{ group: '', kind: 'Service' }],
      },
    });
}
