import test from 'ava';
import { parseFile } from '../../../agent/files/parse.ts';
import { Store } from '../../../agent/store.ts';
import type { TranslationChanges } from '../../../agent/translate/result.ts';
import { followTranslation } from './whole.ts';

const service = (name: string, address: string): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {clusterIP: ${address}, ports: [{port: 80}]}
---
`;
const slice = (name: string, address: string): string => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}-1, labels: {kubernetes.io/service-name: ${name}}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [${address}]}]
---
`;
const route = (name: string, weight: number): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: ${name}}
spec:
  parentRefs: [{group: "", kind: Service, name: ${name}}]
  rules: [{backendRefs: [{name: ${name}, port: 80, weight: ${weight}}]}]
---
`;

const everything = [
  service('a', '10.96.0.1'),
  service('b', '10.96.0.2'),
  slice('a', '10.1.0.1'),
  slice('b', '10.1.0.2'),
  route('a', 1),
  route('b', 1),
].join('');

/** Which resources are new. */
function findNew({ routings, endpoints }: TranslationChanges): readonly string[] {
  return [...routings, ...endpoints].map(({ key }) => key);
}

const changes: readonly (readonly [title: string, yaml: string, renewed: readonly string[]])[] = [
  ['endpoints that change translate no route again', slice('a', '10.1.0.9'), ['default/a:80']],
  ['a route that changes renews the routing of its own parent', route('a', 2), ['10.96.0.1:80']],
  ['a Service that changes renews what refers to it', service('b', '10.96.0.2'), ['10.96.0.2:80', 'default/b:80']],
  ['a Service that nobody refers to renews nothing', service('c', 'None'), ['default/c:80']],
];

for (const [title, yaml, renewed] of changes) {
  test(title, (t) => {
    const store = new Store();
    const translate = followTranslation();
    apply(store, everything);
    translate(store);
    apply(store, yaml);
    t.deepEqual(findNew(translate(store).changes), renewed);
  });
}

function apply(store: Store, yaml: string): void {
  const parsed = parseFile(yaml);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  for (const { object } of parsed.objects) store.apply({ type: 'applied', object });
}
