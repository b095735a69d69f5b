import test from 'ava';
import { parseFile } from '../../agent/files/parse.ts';
import type { KubernetesObject } from '../../agent/objects/types.ts';
import { skipsDebounce } from '../../agent/skipsDebounce.ts';
import { Store } from '../../agent/store.ts';

const web = '{ name: web, port: 80 }';
const mirror = (ref: string): string => `filters: [{ type: RequestMirror, requestMirror: { backendRef: ${ref} } }]`;

const rows: readonly (readonly [sentence: string, rule: string, skips: boolean])[] = [
  ['that refers to known Services', `{ ${mirror(web)}, backendRefs: [${web}] }`, true],
  ['with a mirror that nobody knows', `{ ${mirror('{ name: later, port: 80 }')}, backendRefs: [${web}] }`, false],
  ['with a mirror in another namespace', `{ ${mirror('{ name: web, namespace: bank, port: 80 }')} }`, false],
  [
    'with a mirror of a backend that nobody knows',
    `{ backendRefs: [{ name: web, port: 80, ${mirror('{ name: later, port: 80 }')} }] }`,
    false,
  ],
];

for (const [sentence, rule, skips] of rows) {
  test(`a route ${sentence} ${skips ? 'is handed on at once' : 'waits for what may belong to it'}`, (t) => {
    const store = new Store();
    store.apply({
      type: 'applied',
      object: parse(`{ apiVersion: v1, kind: Service, metadata: { name: web }, spec: { clusterIP: 10.96.0.1 } }`),
    });
    const object = parse(`
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web }
spec: { parentRefs: [{ group: '', kind: Service, name: web }], rules: [${rule}] }`);
    t.is(skipsDebounce({ type: 'applied', object }, store), skips);
  });
}

function parse(yaml: string): KubernetesObject {
  const parsed = parseFile(yaml);
  const object = parsed.ok ? parsed.objects[0]?.object : undefined;
  if (object === undefined) throw new Error(JSON.stringify(parsed));
  return object;
}
