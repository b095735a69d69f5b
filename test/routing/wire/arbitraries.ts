import * as fc from 'fast-check';
import type { Backend, Endpoints, Filter, Inbound, Match, Route, ServiceRouting } from '../../../routing/model.ts';

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

const filter: fc.Arbitrary<Filter> = fc.oneof(
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
const match: fc.Arbitrary<Match> = partial(
  {
    path: fc.record({ type: fc.constantFrom('Exact', 'PathPrefix', 'RegularExpression'), value: text }),
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
  target: fc.oneof(
    fc.record({ type: fc.constant('Endpoints'), endpoints: name, protocol }),
    fc.record({
      type: fc.constant('Invalid'),
      reason: fc.constantFrom('BackendNotFound', 'InvalidKind', 'RefNotPermitted', 'UnsupportedProtocol'),
      message: text,
    }),
  ),
});

const rule: fc.Arbitrary<Route['rules'][number]> = partial(
  {
    index: fc.nat(1000),
    name: text,
    matches: fc.array(match, { minLength: 1, maxLength: 3 }),
    filters,
    backends: fc.array(backend, { maxLength: 3 }),
  },
  ['index', 'matches', 'filters', 'backends'],
);

const route: fc.Arbitrary<Route> = fc.record({
  kind: fc.constant('HTTPRoute'),
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

/** Any Inbound that the model allows. */
export const inbound: fc.Arbitrary<Inbound> = fc.record({
  ports: fc.array(fc.record({ port, protocol, declaredBy: fc.array(name, { maxLength: 2 }) }), { maxLength: 3 }),
});
