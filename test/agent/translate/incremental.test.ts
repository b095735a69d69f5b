import test from 'ava';
import * as fc from 'fast-check';
import { Resources } from '../../../agent/discovery/resources.ts';
import { parseFile } from '../../../agent/files/parse.ts';
import { podKeys } from '../../../agent/translate/inbound.ts';
import type { KubernetesObject } from '../../../agent/objects/types.ts';
import { Store } from '../../../agent/store.ts';
import { followTranslation, withoutChanges } from './whole.ts';

/** Objects of few names in many versions, so that they meet: producers, consumers, moved endpoints, shared addresses. */
const namespace = fc.constantFrom('shop', 'bank');
const name = fc.constantFrom('a', 'b', 'c');
const age = fc.integer({ min: 1, max: 9 });
const meta = (where: string, what: string, day = 1): string =>
  `metadata: { namespace: ${where}, name: ${what}, creationTimestamp: "2026-01-0${day}T00:00:00Z" }`;

const service = fc
  .record({
    namespace,
    name,
    addresses: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 2 }),
    age,
    protocol: fc.constantFrom('http', 'grpc', 'http', 'tcp'),
    port: fc.constantFrom(80, 81),
    headless: fc.boolean(),
  })
  .map(
    (one) => `
apiVersion: v1
kind: Service
${meta(one.namespace, one.name, one.age)}
spec: { clusterIPs: [${one.headless ? 'None' : one.addresses.map((last) => `10.96.0.${last}`).join(', ')}], ports: [{ name: http, port: 80, appProtocol: ${one.protocol} }, { name: more, port: ${one.port + 1} }] }`,
  );
const target = fc.constantFrom('', ', targetRef: { kind: Pod, name: a }', ', targetRef: { kind: Pod, name: b }');
const slice = fc.record({ namespace, name, owner: name, address: fc.integer({ min: 1, max: 9 }), target }).map(
  (one) => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { namespace: ${one.namespace}, name: ${one.name}, labels: { kubernetes.io/service-name: ${one.owner} } }
addressType: IPv4
ports: [{ name: http, port: 8080 }]
endpoints: [{ addresses: [10.1.0.${one.address}]${one.target} }]`,
);
const route = fc
  .record({
    namespace,
    name,
    kind: fc.constantFrom('HTTPRoute', 'HTTPRoute', 'GRPCRoute'),
    parentNamespace: namespace,
    parents: fc.uniqueArray(name, { maxLength: 2 }),
    backend: name,
    backendNamespace: namespace,
    port: fc.constantFrom('', ', port: 80', ', sectionName: more'),
    mirror: fc.constantFrom('', 'a', 'b', 'c'),
    on: fc.constantFrom('rule', 'backend'),
    age,
  })
  .map(
    (one) => `
apiVersion: gateway.networking.k8s.io/v1
kind: ${one.kind}
${meta(one.namespace, one.name, one.age)}
spec:
  parentRefs: [${one.parents.map((parent) => `{ group: "", kind: Service, namespace: ${one.parentNamespace}, name: ${parent}${one.port} }`).join(', ')}]
  rules: [{ backendRefs: [{ name: ${one.backend}, namespace: ${one.backendNamespace}, port: 80${mirrorOn('backend', one)} }]${mirrorOn('rule', one)} }]`,
  );
/** A mirror in another namespace or in none, if the route is to have one here. */
function mirrorOn(place: string, one: { on: string; mirror: string; parentNamespace: string }): string {
  if (one.on !== place || one.mirror === '') return '';
  const backendRef = `{ name: ${one.mirror}, namespace: ${one.parentNamespace}, port: 80 }`;
  return `, filters: [{ type: RequestMirror, requestMirror: { backendRef: ${backendRef} } }]`;
}

const unbuilt = fc.record({ namespace, name, kind: fc.constantFrom('TLSRoute', 'TCPRoute'), parent: name }).map(
  (one) => `
apiVersion: gateway.networking.k8s.io/v1
kind: ${one.kind}
${meta(one.namespace, one.name)}
spec: { parentRefs: [{ group: "", kind: Service, name: ${one.parent} }] }`,
);
const kind = fc.constantFrom('HTTPRoute', 'GRPCRoute');
const grant = fc.record({ namespace, from: namespace, kind, to: fc.constantFrom('', ', name: a') }).map(
  (one) => `
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
${meta(one.namespace, 'grant')}
spec: { from: [{ group: gateway.networking.k8s.io, kind: ${one.kind}, namespace: ${one.from} }], to: [{ group: "", kind: Service${one.to} }] }`,
);
const step = fc.record({
  yaml: fc.oneof(service, slice, route, unbuilt, grant),
  type: fc.constantFrom('applied', 'applied', 'deleted'),
});

const pods = ['shop', 'bank'].flatMap((where) =>
  ['a', 'b'].map((pod, index) => ({ namespace: where, pod, addresses: [`10.1.0.${index + 1}`] })),
);

const addresses = Array.from({ length: 9 }, (_, index) => `10.1.0.${index + 1}`);

/** With the same objects, all of them new to whoever asks. */
function copy(from: Store): Store {
  const store = new Store();
  for (const object of listObjects(from)) store.apply({ type: 'applied', object });
  return store;
}

function listObjects({ objects }: Store): readonly KubernetesObject[] {
  return Object.values(objects).flatMap((ofKind: ReadonlyMap<string, KubernetesObject>) => ofKind.values().toArray());
}

function parse(yaml: string): KubernetesObject {
  const parsed = parseFile(yaml);
  const object = parsed.ok ? parsed.objects[0]?.object : undefined;
  if (object === undefined) throw new Error(`${yaml}\n${JSON.stringify(parsed)}`);
  return object;
}

const nothing = new Resources();
nothing.update({ routings: [], endpoints: [], pods: new Set<string>(), peers: new Set<string>() }, true);
const empty = nothing.revision;

test('whatever changed before, what is translated and served is that of the objects as they are', (t) => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
      const store = new Store();
      const translate = followTranslation();
      const resources = new Resources();
      const inbound = new Map(pods.map((pod) => [pod, translate(store).inboundOf(pod)]));
      const peers = new Map(addresses.map((address) => [address, translate(store).peerOf(address)]));
      for (const [index, { yaml, type }] of steps.entries()) {
        store.apply({ type, object: parse(yaml) });
        // Several changes at a time now and then.
        if (index % 3 === 1) continue;
        const translated = translate(store);
        resources.update(translated.changes, true);
        const fresh = followTranslation()(copy(store));
        t.deepEqual(withoutChanges(translated), withoutChanges(fresh));
        const freshResources = new Resources();
        freshResources.update(fresh.changes, true);
        t.is(resources.revision, freshResources.revision);
        t.is(resources.routingRevision, freshResources.routingRevision);
        for (const pod of pods) {
          if (podKeys(pod).some((key) => translated.changes.pods.has(key))) inbound.set(pod, translated.inboundOf(pod));
          t.deepEqual(inbound.get(pod), fresh.inboundOf(pod), 'who is not told has what there is');
        }
        for (const address of translated.changes.peers) peers.set(address, translated.peerOf(address));
        for (const [address, known] of peers) t.deepEqual(known, fresh.peerOf(address), `of ${address}, too`);
      }
      for (const object of listObjects(store)) store.apply({ type: 'deleted', object });
      const emptied = translate(store);
      resources.update(emptied.changes, true);
      t.deepEqual(withoutChanges(emptied), { routings: [], endpoints: [], statuses: [], problems: [] });
      t.is(resources.revision, empty);
    }),
    { seed: 20_261_126, numRuns: 60 },
  );
});
