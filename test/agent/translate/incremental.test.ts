import test from 'ava';
import * as fc from 'fast-check';
import { parseFile } from '../../../agent/files/parse.ts';
import type { KubernetesObject } from '../../../agent/objects/types.ts';
import { Store } from '../../../agent/store.ts';
import { followTranslation, translateAll, withoutChanges } from './whole.ts';

/** Objects of few names in many versions, so that they meet: producers, consumers, moved endpoints, shared addresses. */
const namespace = fc.constantFrom('shop', 'bank');
const name = fc.constantFrom('a', 'b', 'c');
const meta = (where: string, what: string): string => `metadata: { namespace: ${where}, name: ${what} }`;

const service = fc
  .record({
    namespace,
    name,
    address: fc.integer({ min: 1, max: 6 }),
    port: fc.constantFrom(80, 81),
    headless: fc.boolean(),
  })
  .map(
    (one) => `
apiVersion: v1
kind: Service
${meta(one.namespace, one.name)}
spec: { clusterIP: ${one.headless ? 'None' : `10.96.0.${one.address}`}, ports: [{ name: http, port: 80 }, { name: more, port: ${one.port + 1} }] }`,
  );
const slice = fc.record({ namespace, name, owner: name, address: fc.integer({ min: 1, max: 9 }) }).map(
  (one) => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { namespace: ${one.namespace}, name: ${one.name}, labels: { kubernetes.io/service-name: ${one.owner} } }
addressType: IPv4
ports: [{ name: http, port: 8080 }]
endpoints: [{ addresses: [10.1.0.${one.address}] }]`,
);
const route = fc
  .record({
    namespace,
    name,
    parentNamespace: namespace,
    parents: fc.uniqueArray(name, { maxLength: 2 }),
    backend: name,
  })
  .map(
    (one) => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
${meta(one.namespace, one.name)}
spec:
  parentRefs: [${one.parents.map((parent) => `{ group: "", kind: Service, namespace: ${one.parentNamespace}, name: ${parent} }`).join(', ')}]
  rules: [{ backendRefs: [{ name: ${one.backend}, namespace: ${one.parentNamespace}, port: 80 }] }]`,
  );
const grant = fc.record({ namespace, from: namespace }).map(
  (one) => `
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
${meta(one.namespace, 'grant')}
spec: { from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: ${one.from} }], to: [{ group: "", kind: Service }] }`,
);
const step = fc.record({
  yaml: fc.oneof(service, slice, route, grant),
  type: fc.constantFrom('applied', 'applied', 'deleted'),
});

function parse(yaml: string): KubernetesObject {
  const parsed = parseFile(yaml);
  const object = parsed.ok ? parsed.objects[0]?.object : undefined;
  if (object === undefined) throw new Error(`${yaml}\n${JSON.stringify(parsed)}`);
  return object;
}

test('whatever changed before, a translation is that of the objects as they are', (t) => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
      const store = new Store();
      const translate = followTranslation();
      for (const [index, { yaml, type }] of steps.entries()) {
        store.apply({ type, object: parse(yaml) });
        // Several changes at a time now and then.
        if (index % 3 === 1) continue;
        const objects = Object.values(store.objects).flatMap((ofKind: ReadonlyMap<string, KubernetesObject>) =>
          ofKind.values().toArray(),
        );
        t.deepEqual(withoutChanges(translate(store)), translateAll(objects));
      }
    }),
    { seed: 20_261_126, numRuns: 30 },
  );
});
