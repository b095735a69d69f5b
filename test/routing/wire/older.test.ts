import test from 'ava';
import type { Endpoints, Filter, Rule, ServiceRouting } from '../../../routing/model.ts';
import { decodeEndpoints, decodeServiceRouting } from '../../../routing/wire/decode.ts';
import { createEncoder } from '../../../routing/wire/encode.ts';
import type { NewerPart } from '../../../routing/wire/newer.ts';
import { failuresIn } from './failures.ts';

const needs = 'heddle.test.future';
const missing = new Set([needs]);

/** Says that a part that is old needs a capability of the future. */
function newer(part: string, without: NewerPart['without'] = 'fails'): NewerPart<string> {
  return { part, name: `The ${part}`, needs, without };
}

const service = { namespace: 'shop', name: 'cart' };
const target = { type: 'Endpoints', endpoints: 'shop/cart:80', protocol: 'http1' } as const;
const backend = { ...service, port: 80, weight: 1, filters: [], target } as const;
const anything = { path: { type: 'PathPrefix', value: '/' }, headers: [], queryParams: [] } as const;
const routing: ServiceRouting = {
  service,
  port: 80,
  protocol: 'detect',
  endpoints: 'shop/cart:80',
  routes: [
    {
      ...service,
      kind: 'HTTPRoute',
      createdAtMs: 1,
      rules: [
        {
          index: 0,
          name: 'first',
          matches: [{ ...anything, method: 'POST' }],
          filters: [{ type: 'URLRewrite', hostname: 'a' }],
          backends: [
            { ...backend, filters: [{ type: 'RequestHeaderModifier', set: [], add: [], remove: ['x'] }] },
            { ...backend, weight: 2, target: { ...target, protocol: 'http2' } },
          ],
        },
        { index: 1, matches: [anything], filters: [], backends: [backend] },
      ],
    },
  ],
};

const says = /^The .*: this pod's sidecar is older than the agent and lacks heddle\.test\.future: restart the pod/;
const parts: readonly (readonly [part: string, place: string, as: RegExp])[] = [
  ['Filter.url_rewrite', 'routes.0.rules.0', says],
  ['URLRewrite.hostname', 'routes.0.rules.0', says],
  ['Rule.name', 'routes.0.rules.0', says],
  ['Filter.request_header_modifier', 'routes.0.rules.0.backends.0', says],
  ['HeaderModifier.remove', 'routes.0.rules.0.backends.0', says],
  ['Protocol.PROTOCOL_HTTP2', 'routes.0.rules.0.backends.1', /^InvalidKind: The Protocol.*lacks heddle\.test\.future/],
];

for (const [part, place, as] of parts) {
  test(`Who cannot read ${part} is told to answer 500 at ${place}, and at no other place`, (t) => {
    const { needs: found, value, without } = createEncoder([newer(part)]).serviceRouting(routing);
    t.deepEqual(found, [needs]);
    t.deepEqual(decodeServiceRouting(value), { ok: true, value: routing }, 'the others get it as it is');
    const older = without(missing);
    t.false(older.isRefusal);
    const decoded = decodeServiceRouting(older.value);
    const failures = decoded.ok ? failuresIn(decoded.value) : new Map<string, string>();
    t.deepEqual([...failures.keys()], [place]);
    t.regex(failures.get(place) ?? '', as);
    const [first, second] = decoded.ok ? (decoded.value.routes[0]?.rules ?? []) : [];
    t.deepEqual(first?.matches, routing.routes[0]?.rules[0]?.matches, 'what it matches stays');
    t.deepEqual(second, routing.routes[0]?.rules[1]);
    const weights = place.includes('backends') ? [1, 2] : first?.backends.map(({ weight }) => weight);
    t.deepEqual(
      first?.backends.map(({ weight }) => weight),
      weights,
      'shares stay',
    );
  });
}

const whole = ['Match.method', 'MatchType.MATCH_TYPE_PATH_PREFIX', 'Route.kind=HTTPRoute', 'Route.created_at_ms'];
for (const part of [...whole, 'ServiceRouting.endpoints', 'Protocol.PROTOCOL_DETECT']) {
  test(`Who cannot read ${part} is told that the whole routing cannot be read`, (t) => {
    const { needs: found, without } = createEncoder([newer(part)]).serviceRouting(routing);
    t.deepEqual(found, [needs]);
    const { value, isRefusal } = without(missing);
    t.true(isRefusal);
    const decoded = decodeServiceRouting(value);
    t.like(decoded, { ok: true, value: { service, port: 80, endpoints: 'shop/cart:80', routes: { length: 1 } } });
    t.like(decoded.ok && decoded.value.routes[0]?.rules, { length: 1, 0: { matches: [anything] } });
    t.deepEqual([...(decoded.ok ? failuresIn(decoded.value).keys() : [])], ['routes.0.rules.0']);
  });
}

test('What may be left out is left out, and nothing fails', (t) => {
  const encoder = createEncoder([newer('Rule.name', 'isLeftOut'), newer('Filter.url_rewrite', 'fails')]);
  const { value } = createEncoder([newer('Rule.name', 'isLeftOut')])
    .serviceRouting(routing)
    .without(missing);
  const decoded = decodeServiceRouting(value);
  const [rule] = decoded.ok ? (decoded.value.routes[0]?.rules ?? []) : [];
  t.is(rule?.name, undefined);
  t.deepEqual(rule?.filters, routing.routes[0]?.rules[0]?.filters);
  const both = decodeServiceRouting(encoder.serviceRouting(routing).without(missing).value);
  t.deepEqual([...(both.ok ? failuresIn(both.value).keys() : [])], ['routes.0.rules.0']);
});

const older = new Set(['heddle.v1.http-route-policies']);
const mirror = { ...service, type: 'RequestMirror', port: 80, target, fraction: 0.5 } as const;
const cors: Filter = {
  type: 'CORS',
  allowOrigins: ['*'],
  allowCredentials: false,
  allowMethods: [],
  allowHeaders: [],
  exposeHeaders: [],
  maxAgeMs: 5000,
};
const policies: readonly (readonly [name: string, rule: Partial<Rule>, place: string])[] = [
  ['RequestMirror', { filters: [mirror] }, 'routes.0.rules.1'],
  ['RequestMirror', { backends: [{ ...backend, filters: [mirror] }] }, 'routes.0.rules.1.backends.0'],
  ['CORS', { filters: [cors] }, 'routes.0.rules.1'],
  ['timeouts', { timeouts: { requestMs: 1000 } }, 'routes.0.rules.1'],
  ['retry', { retry: { attempts: 1, codes: [] } }, 'routes.0.rules.1'],
];
// The second backend of the sample speaks it.
const needsOfSample = [...older, 'heddle.v1.http2'];

function withRule(rule: Partial<Rule>): ServiceRouting {
  const [route] = routing.routes;
  const [first, second] = route?.rules ?? [];
  if (route === undefined || first === undefined || second === undefined) throw new Error('no rules');
  return { ...routing, routes: [{ ...route, rules: [first, { ...second, ...rule }] }] };
}

for (const [name, rule, place] of policies) {
  test(`Who cannot read ${name} answers 500 at ${place} rather than leave it away, and at no other place`, (t) => {
    const encoded = createEncoder().serviceRouting(withRule(rule));
    t.deepEqual(encoded.needs, needsOfSample);
    const decoded = decodeServiceRouting(encoded.without(older).value);
    const failures = decoded.ok ? failuresIn(decoded.value) : new Map<string, string>();
    t.deepEqual([...failures.keys()], [place]);
    t.regex(
      failures.get(place) ?? '',
      new RegExp(`^${name}: this pod's sidecar is older than the agent .* restart the pod`),
    );
  });
}

test('Who cannot read that a retry is switched off gets the rule without it', (t) => {
  const encoded = createEncoder().serviceRouting(withRule({ retry: { attempts: 0, codes: [] } }));
  t.deepEqual(encoded.needs, needsOfSample);
  t.deepEqual(decodeServiceRouting(encoded.without(older).value), { ok: true, value: routing });
});

const http2 = new Set(['heddle.v1.http2']);

test('Who cannot send requests over HTTP/2 is told so of each backend and mirror that speaks it, and of no other', (t) => {
  const toHTTP2 = { ...mirror, target: { ...target, protocol: 'http2' } } as const;
  const encoded = createEncoder().serviceRouting(withRule({ filters: [toHTTP2] }));
  const decoded = decodeServiceRouting(encoded.without(http2).value);
  const failures = decoded.ok ? failuresIn(decoded.value) : new Map<string, string>();
  t.deepEqual([...failures.keys()].toSorted(), ['routes.0.rules.0.backends.1', 'routes.0.rules.1']);
  for (const failure of failures.values())
    t.regex(failure, /a backend that speaks HTTP\/2: this pod's sidecar is older .* lacks heddle\.v1\.http2: restart/);
});

test('Who does not know GRPCRoutes is told that the routing cannot be read, and keeps the protocol of the port', (t) => {
  const path = { type: 'GRPCMethod', by: 'Exact', service: 'shop.Cart' } as const;
  const rule = { index: 0, matches: [{ ...anything, path }], filters: [], backends: [backend] };
  const grpc = { ...service, kind: 'GRPCRoute', createdAtMs: 1, rules: [rule] } as const;
  const given: ServiceRouting = { ...routing, protocol: 'http2', routes: [grpc] };
  const encoded = createEncoder().serviceRouting(given);
  t.deepEqual(encoded.needs, [...http2]);
  t.deepEqual(decodeServiceRouting(encoded.value), { ok: true, value: given });
  const { value, isRefusal } = encoded.without(http2);
  t.true(isRefusal);
  const decoded = decodeServiceRouting(value);
  t.like(decoded, { ok: true, value: { protocol: 'http2', endpoints: 'shop/cart:80', routes: { length: 1 } } });
  t.like(decoded.ok && decoded.value.routes[0], { ...service, kind: 'HTTPRoute', rules: { length: 1 } });
  t.regex(
    [...(decoded.ok ? failuresIn(decoded.value).values() : [])].join(),
    /^GRPCRoute: this pod's sidecar is older than the agent and lacks heddle\.v1\.http2: restart the pod/,
  );
});

test('Of two capabilities only the one that is missing counts', (t) => {
  const other = { ...newer('Rule.name'), needs: 'heddle.test.other' };
  const encoded = createEncoder([newer('Filter.url_rewrite'), other]).serviceRouting(routing);
  t.deepEqual(encoded.needs, [needs, 'heddle.test.other']);
  const decoded = decodeServiceRouting(encoded.without(missing).value);
  t.is(decoded.ok && decoded.value.routes[0]?.rules[0]?.name, 'first');
  t.regex([...(decoded.ok ? failuresIn(decoded.value).values() : [])].join(), /^The Filter\.url_rewrite: [^,]*$/);
});

test('A routing without the part needs nothing', (t) => {
  t.deepEqual(createEncoder([newer('Filter.request_redirect')]).serviceRouting(routing).needs, []);
  t.deepEqual(createEncoder([newer('Route.kind=GRPCRoute')]).serviceRouting(routing).needs, []);
  t.deepEqual(createEncoder([newer('BackendEndpoints.protocol=PROTOCOL_TLS')]).serviceRouting(routing).needs, []);
  t.deepEqual(createEncoder([newer('Endpoint.pod')]).serviceRouting(routing).needs, []);
});

const plain = { address: '10.0.0.1', port: 80, ready: true, serving: true, terminating: false };
const named = { ...plain, address: '10.0.0.2', pod: 'a' };
const endpoints: Endpoints = { name: 'shop/cart:80', endpoints: [plain, named] };

test('Who cannot read a field of an endpoint gets the endpoint without it, or not at all', (t) => {
  const { pod, ...bare } = named;
  t.is(pod, 'a');
  const decode = (without: NewerPart['without']) => {
    const encoded = createEncoder([newer('Endpoint.pod', without)]).endpoints(endpoints);
    t.deepEqual(encoded.needs, [needs]);
    t.deepEqual(decodeEndpoints(encoded.value), { ok: true, value: endpoints });
    return decodeEndpoints(encoded.without(missing).value);
  };
  t.deepEqual(decode('isLeftOut'), { ok: true, value: { ...endpoints, endpoints: [plain, bare] } });
  t.deepEqual(decode('fails'), { ok: true, value: { ...endpoints, endpoints: [plain] } });
});

test('Who cannot read what is said of all endpoints has none', (t) => {
  const { value } = createEncoder([newer('Endpoints.name')])
    .endpoints(endpoints)
    .without(missing);
  t.deepEqual(decodeEndpoints(value), { ok: true, value: { ...endpoints, endpoints: [] } });
});
