import * as fc from 'fast-check';
import type {
  Backend,
  BackendTarget,
  Endpoints,
  Filter,
  GRPCMethodMatch,
  Inbound,
  Peer,
  Match,
  Retry,
  Route,
  ServiceRouting,
} from '../../../routing/model.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const name = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 8 });
const lowerName = name.map((given) => given.toLowerCase());
const port = fc.integer({ min: 1, max: 65_535 });
const protocol = fc.constantFrom('detect', 'http1', 'http2', 'tls', 'opaque');

/** The record with the given keys perhaps left out, as exactOptionalPropertyTypes wants it. */
function partial<T extends object, K extends keyof T>(parts: { [P in keyof T]: fc.Arbitrary<T[P]> }, required: K[]) {
  return fc.record(parts, { requiredKeys: required, noNullPrototype: true });
}

const fieldName = fc.stringMatching(/^[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,8}$/);
const fieldValue = fc.string({ unit: 'grapheme-ascii', maxLength: 8 });
const hostname = fc.domain();
const fields = fc.array(fc.record({ name: fieldName, value: fieldValue }), { maxLength: 2 });
const headers = { set: fields, add: fields, remove: fc.array(fieldName, { maxLength: 2 }) };
const path = fc.record({ type: fc.constantFrom('ReplaceFullPath', 'ReplacePrefixMatch'), value: text });

const target: fc.Arbitrary<BackendTarget> = fc.oneof(
  fc.record({ type: fc.constant('Endpoints'), endpoints: name, protocol }),
  fc.record({
    type: fc.constant('Invalid'),
    reason: fc.constantFrom('BackendNotFound', 'InvalidKind', 'RefNotPermitted', 'UnsupportedProtocol'),
    message: text,
  }),
);

const origin = fc
  .tuple(fc.constantFrom('http://', 'https://'), fc.constantFrom('', '*.'), hostname, fc.option(port))
  .map(([scheme, wildcard, host, at]) => `${scheme}${wildcard}${host}${at === null ? '' : `:${at}`}`);
/** Several, or the wildcard alone. */
const orAny = (some: fc.Arbitrary<string>) =>
  fc.oneof(fc.array(some, { maxLength: 3 }), fc.constant<readonly string[]>(['*']));
const headerNames = fc.stringMatching(/^[a-zA-Z0-9-]{1,8}$/);

const filter: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({
    type: fc.constant('RequestMirror'),
    namespace: name,
    name,
    port,
    target,
    fraction: fc.double({ min: 0, max: 1, noNaN: true }).map((share) => share + 0),
  }),
  fc.record({
    type: fc.constant('CORS'),
    allowOrigins: orAny(origin),
    allowCredentials: fc.boolean(),
    allowMethods: orAny(fc.constantFrom('GET', 'PUT', 'TRACE')),
    allowHeaders: orAny(headerNames),
    exposeHeaders: fc.array(fc.oneof(headerNames, fc.constant('*')), { maxLength: 3 }),
    maxAgeMs: fc.integer({ min: 0, max: 2 ** 31 - 1 }).map((seconds) => 1000 * seconds),
  }),
  fc.record({ type: fc.constant('RequestHeaderModifier'), ...headers }),
  fc.record({ type: fc.constant('ResponseHeaderModifier'), ...headers }),
  partial(
    {
      type: fc.constant('RequestRedirect'),
      scheme: fc.constantFrom('http', 'https'),
      hostname,
      port,
      path,
      statusCode: fc.constantFrom(301, 302, 303, 307, 308),
    },
    ['type', 'statusCode'],
  ),
  partial({ type: fc.constant('URLRewrite'), hostname, path }, ['type']),
  fc.record({ type: fc.constant('Unsupported'), name: text, message: text }),
);
const filters = fc.array(filter, { maxLength: 3 });

const valueType = fc.constantFrom('Exact', 'RegularExpression');
const grpcMethod: fc.Arbitrary<GRPCMethodMatch> = partial(
  { type: fc.constant('GRPCMethod'), by: valueType, service: name, method: name },
  ['type', 'by'],
);
const match: fc.Arbitrary<Match> = partial(
  {
    path: fc.oneof(
      fc.record({ type: fc.constantFrom('Exact', 'PathPrefix', 'RegularExpression'), value: text }),
      grpcMethod,
    ),
    headers: fc.array(fc.record({ type: valueType, name: lowerName, value: text }), { maxLength: 2 }),
    queryParams: fc.array(fc.record({ type: valueType, name, value: text }), { maxLength: 2 }),
    method: name,
  },
  ['path', 'headers', 'queryParams'],
);

const backend: fc.Arbitrary<Backend> = fc.record({
  namespace: name,
  name,
  port,
  weight: fc.integer({ min: 0, max: 1_000_000 }),
  filters,
  target,
});

const timeMs = (min: number) => fc.integer({ min, max: 2 ** 31 - 1 });
const retry: fc.Arbitrary<Retry> = fc.oneof(
  fc.constant({ attempts: 0, codes: [] }),
  partial(
    {
      attempts: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      codes: fc.array(fc.integer({ min: 400, max: 599 }), { maxLength: 3 }),
      backoffMs: timeMs(0),
    },
    ['attempts', 'codes'],
  ),
);

const rule: fc.Arbitrary<Route['rules'][number]> = partial(
  {
    index: fc.nat(1000),
    name: text,
    matches: fc.array(match, { minLength: 1, maxLength: 3 }),
    filters,
    backends: fc.array(backend, { maxLength: 3 }),
    timeouts: partial({ requestMs: timeMs(1), backendRequestMs: timeMs(1) }, []),
    retry,
  },
  ['index', 'matches', 'filters', 'backends'],
);

const route: fc.Arbitrary<Route> = fc.record({
  kind: fc.constantFrom('HTTPRoute', 'GRPCRoute'),
  namespace: name,
  name,
  createdAtMs: fc.maxSafeInteger(),
  rules: fc.array(rule, { maxLength: 3 }),
});

/** Any ServiceRouting that the model allows. */
export const serviceRouting: fc.Arbitrary<ServiceRouting> = fc.record({
  service: fc.record({ namespace: name, name }),
  port,
  protocol,
  routes: fc.array(route, { maxLength: 3 }),
  endpoints: name,
});

/** Any Endpoints that the model allows. */
export const endpoints: fc.Arbitrary<Endpoints> = partial(
  {
    name,
    sessionAffinityMs: fc.integer({ min: 1, max: 86_400 }).map((seconds) => 1000 * seconds),
    whyNone: text,
    policy: partial(
      {
        outlierFailures: fc.nat(1000),
        outlierEjectionMs: fc.integer({ min: 1, max: 3_600_000 }),
        slowStartMs: fc.nat(3_600_000),
        maxConnections: fc.integer({ min: 1, max: 60_000 }),
        maxWaitingRequests: fc.nat(1_000_000),
      },
      [],
    ),
    endpoints: fc.array(
      partial(
        {
          address: fc.oneof(fc.ipV4(), fc.ipV6()),
          port,
          ready: fc.boolean(),
          serving: fc.boolean(),
          terminating: fc.boolean(),
          pod: text,
        },
        ['address', 'port', 'ready', 'serving', 'terminating'],
      ),
      { maxLength: 5 },
    ),
  },
  ['name', 'endpoints'],
);

/** Any Peer that the model allows. */
export const peer: fc.Arbitrary<Peer> = fc.record({ namespace: name, pod: name });

/** Any Inbound that the model allows. */
export const inbound: fc.Arbitrary<Inbound> = fc.record({
  ports: fc.array(fc.record({ port, protocol, declaredBy: fc.array(name, { maxLength: 2 }) }), { maxLength: 3 }),
});
