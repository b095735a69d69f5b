import test from 'ava';
import { decodeServed } from '../../../agent/objects/decode.ts';
import { Store } from '../../../agent/store.ts';
import { followTranslation } from '../translate/whole.ts';

const metadata = (name: string) => ({ namespace: 'shop', name, uid: name, creationTimestamp: '2026-11-25T10:00:00Z' });
const web = {
  metadata: metadata('web'),
  spec: { type: 'ClusterIP', clusterIP: '10.96.0.1', ports: [{ port: 80, protocol: 'TCP' }] },
};
const parentRefs = [{ group: '', kind: 'Service', name: 'web', port: 80 }];
const backendRefs = [{ name: 'web', port: 80 }];

/** What the status says of a route with this spec, and the filters of its first rule. */
function translate(spec: unknown, kind: 'HTTPRoute' | 'GRPCRoute' = 'HTTPRoute') {
  const store = new Store();
  for (const [ofKind, object] of [
    ['Service', web],
    [kind, { metadata: metadata('route'), spec }],
  ] as const) {
    const decoded = decodeServed(ofKind, object);
    if (!decoded.ok) throw new Error(decoded.problems.map(({ message }) => message).join('; '));
    store.apply({ type: 'applied', object: decoded.object });
  }
  const { statuses, routings } = followTranslation()(store);
  const accepted = statuses[0]?.parents[0]?.conditions.find(({ type }) => type === 'Accepted');
  return { accepted, filters: routings[0]?.routing.routes[0]?.rules[0]?.filters ?? [] };
}

const newer: readonly (readonly [title: string, spec: object, message: RegExp])[] = [
  [
    'a field of spec',
    { rules: [{ backendRefs }], mirrorAll: {} },
    /field mirrorAll of spec is not known; remove it, or upgrade/,
  ],
  ['a field of a rule', { rules: [{ backendRefs, quota: 3 }] }, /field quota is not known/],
  ['a match', { rules: [{ backendRefs, matches: [{ cookies: [{ name: 'a' }] }] }] }, /field cookies is not known/],
  ['sessionPersistence', { rules: [{ backendRefs, sessionPersistence: {} }] }, /sessionPersistence is deprecated/],
  [
    'an ExternalAuth filter',
    { rules: [{ backendRefs, filters: [{ type: 'ExternalAuth', externalAuth: {} }] }] },
    /filter ExternalAuth is not supported/,
  ],
];

for (const [title, spec, message] of newer) {
  test(`${title} that is not known is told in the route's status and never skipped`, (t) => {
    const { accepted, filters } = translate({ parentRefs, ...spec });
    t.like(accepted, { status: false, reason: 'UnsupportedValue' });
    t.regex(accepted?.message ?? '', message);
    t.true(title === 'a match' || filters.some(({ type }) => type === 'Unsupported'));
  });
}

test('two rules of one name, which v1.6 does not forbid, are two rules', (t) => {
  t.like(translate({ parentRefs, rules: [{ name: 'a', backendRefs }, { name: 'a' }] }).accepted, { status: true });
});

test('hostnames and useDefaultGateways say nothing to a mesh', (t) => {
  const spec = { parentRefs, hostnames: ['a.example'], useDefaultGateways: 'All', rules: [{ backendRefs }] };
  t.like(translate(spec).accepted, { status: true });
});

const newerGRPC: readonly (readonly [title: string, spec: object, message: RegExp])[] = [
  ['a field of spec', { rules: [{ backendRefs }], mirrorAll: {} }, /field mirrorAll of spec is not known/],
  ['a match', { rules: [{ backendRefs, matches: [{ package: 'a' }] }] }, /field package is not known/],
  ['a match', { rules: [{ backendRefs, matches: [{ method: { service: 'a', by: 1 } }] }] }, /field by is not known/],
  ['a type', { rules: [{ backendRefs, matches: [{ method: { type: 'Glob', service: 'a.*' } }] }] }, /the type Glob/],
  ['a filter', { rules: [{ backendRefs, filters: [{ type: 'Fault', fault: {} }] }] }, /filter Fault is not supported/],
];

for (const [title, spec, message] of newerGRPC) {
  test(`${title} of a GRPCRoute (${message.source}) that is not known is told in its status and never skipped`, (t) => {
    const { accepted } = translate({ parentRefs, ...spec }, 'GRPCRoute');
    t.like(accepted, { status: false, reason: 'UnsupportedValue' });
    t.regex(accepted?.message ?? '', message);
  });
}
