import test from 'ava';
import { Resources } from '../../../agent/discovery/resources.ts';
import { parseFile } from '../../../agent/files/parse.ts';
import { Store } from '../../../agent/store.ts';
import { Translation } from '../../../agent/translate/translate.ts';

const service = (name: string, address: string): string => `
apiVersion: v1
kind: Service
metadata: { namespace: shop, name: ${name} }
spec: { clusterIP: ${address}, ports: [{ port: 80 }] }`;
const slice = (address: string): string => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { namespace: shop, name: a-1, labels: { kubernetes.io/service-name: a } }
addressType: IPv4
ports: [{ port: 8080 }]
endpoints: [{ addresses: [${address}] }]`;
const route = (namespace: string, weight: number): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { namespace: ${namespace}, name: a }
spec:
  parentRefs: [{ group: "", kind: Service, namespace: shop, name: a }]
  rules: [{ backendRefs: [{ name: a, namespace: shop, port: 80, weight: ${weight} }] }]`;

const steps: readonly (readonly [
  title: string,
  type: 'applied' | 'deleted',
  yaml: string,
  names: readonly string[],
])[] = [
  ['endpoints', 'applied', slice('10.1.0.1'), ['shop/10.1.0.1', 'shop/a:80']],
  ["a producer's route", 'applied', route('shop', 1), ['10.96.0.1:80']],
  ["a consumer's route", 'applied', route('bank', 1), ['10.96.0.1:80']],
  ["a consumer's weight", 'applied', route('bank', 2), ['10.96.0.1:80']],
  ['nothing', 'applied', route('bank', 2), []],
  ["a consumer's route that goes", 'deleted', route('bank', 2), ['10.96.0.1:80']],
  ['endpoints that go', 'deleted', slice('10.1.0.1'), ['shop/10.1.0.1', 'shop/a:80']],
  ['a Service that comes', 'applied', service('c', '10.96.0.3'), ['10.96.0.3:80', 'shop/c:80']],
  ['a Service that goes', 'deleted', service('b', '10.96.0.2'), ['10.96.0.2:80', 'shop/b:80']],
];

test('what streams are told to look at again is what changed, of both types and for any client', (t) => {
  const store = new Store();
  const translation = new Translation();
  const resources = new Resources();
  const update = () => resources.update(translation.update(store.objects, store.takeChanged()), true);
  const apply = (type: 'applied' | 'deleted', yaml: string): void => {
    const parsed = parseFile(yaml);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    for (const { object } of parsed.objects) store.apply({ type, object });
  };
  apply('applied', service('a', '10.96.0.1'));
  apply('applied', service('b', '10.96.0.2'));
  update();
  for (const [title, type, yaml, names] of steps) {
    apply(type, yaml);
    t.deepEqual([...update()].toSorted(compare), names.toSorted(compare), title);
  }
});

function compare(one: string, other: string): number {
  return one < other ? -1 : 1;
}
