import test from 'ava';
import { whatStays, whoIsInside } from '../../../commands/uninstall/remains.ts';

const controlled = (kind: string, name: string): object => ({ ownerReferences: [{ kind, name, controller: true }] });
const sidecar = { initContainers: [{ name: 'heddle-sidecar', image: 'heddle:0.1.0' }], containers: [] };
const pod = (name: string, more: object = {}, spec: object = sidecar): object => ({
  metadata: { namespace: 'shop', name, ...more },
  spec,
  status: { phase: 'Running' },
});
const namespace = (name: string, labels: object): object => ({ metadata: { name, labels } });
const enabled = { 'heddle.dev/inject': 'enabled' };
const nothing = { namespaces: [], pods: [], configMaps: [], routes: [], clusterRoles: [] };

test('who is inside is told with what takes them out', (t) => {
  const hashed = { ...controlled('ReplicaSet', 'cart-5d8'), labels: { 'pod-template-hash': '5d8' } };
  const lines = whoIsInside({
    ...nothing,
    namespaces: [namespace('shop', enabled), namespace('bank', {})],
    pods: [
      pod('cart-5d8-a', hashed),
      pod('cart-5d8-b', hashed),
      pod('db-0', controlled('StatefulSet', 'db')),
      pod('alone'),
      pod('outside', {}, { containers: [{ name: 'app' }] }),
      { ...pod('done'), status: { phase: 'Succeeded' } },
    ],
  } as never);
  t.deepEqual(lines, [
    '4 pods are still in the mesh: shop/cart-5d8-a, shop/cart-5d8-b, shop/db-0, shop/alone',
    '  kubectl label namespace shop heddle.dev/inject-',
    '  kubectl -n shop delete pod alone',
    '  kubectl -n shop rollout restart deployment/cart',
    '  kubectl -n shop rollout restart statefulset/db',
  ]);
  t.deepEqual(whoIsInside(nothing), []);
});

test('what stays is told with what takes it away', (t) => {
  const ours = { parents: [{ controllerName: 'heddle.dev/mesh-controller' }] };
  const other = { parents: [{ controllerName: 'example.com/gateway' }] };
  const lines = whatStays({
    namespaces: [namespace('shop', enabled)],
    pods: [],
    configMaps: [{}, {}],
    routes: [
      { metadata: { namespace: 'shop', name: 'cart' }, status: ours },
      { metadata: { namespace: 'shop', name: 'edge' }, status: other },
    ],
    clusterRoles: [{ metadata: { name: 'heddle-viewer' } }],
  } as never);
  t.deepEqual(lines, [
    '2 ConfigMaps heddle-ca, so that sidecars that run keep their CA:',
    '  kubectl delete configmap --all-namespaces --field-selector metadata.name=heddle-ca',
    '1 route with the last status that was written, which means nothing any more: shop/cart',
    'The label of 1 namespace, which takes pods into the next installation: shop',
    '  kubectl label namespace shop heddle.dev/inject-',
    'Roles for people: heddle-viewer',
    '  kubectl delete -k manifests/overlays/roles',
    'The definitions of the Gateway API: others may use them.',
  ]);
  t.deepEqual(whatStays(nothing), ['The definitions of the Gateway API: others may use them.']);
});
