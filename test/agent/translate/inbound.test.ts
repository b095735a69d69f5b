import test from 'ava';
import { parseFile } from '../../../agent/files/parse.ts';
import { Store } from '../../../agent/store.ts';
import { followTranslation } from './whole.ts';

type Port = { readonly name?: string; readonly target?: number; readonly appProtocol?: string };

/** A Service of one port, and its slice. */
const service = (name: string, port: Port = {}, more = 'targetRef: { kind: Pod, name: web }'): string => `
apiVersion: v1
kind: Service
metadata: { namespace: shop, name: ${name} }
spec: { clusterIP: None, ports: [{ name: ${port.name ?? 'main'}, port: 80${port.appProtocol === undefined ? '' : `, appProtocol: ${port.appProtocol}`} }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { namespace: shop, name: ${name}-1, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
ports: [{ name: ${port.name ?? 'main'}, port: ${port.target ?? 8080} }]
endpoints: [{ addresses: [10.1.0.1], ${more} }]
---`;

const cases: readonly (readonly [sentence: string, yaml: string, ports: readonly unknown[]])[] = [
  ['No Service says nothing', '', []],
  ['A Service that declares nothing says nothing', service('a'), []],
  [
    'A port is the one of the pod, not of the Service',
    service('a', { name: 'tcp-chat', target: 9100 }),
    [{ port: 9100, protocol: 'opaque', declaredBy: ['shop/a:80'] }],
  ],
  [
    'All that say the same are named, whoever says nothing',
    service('b', { name: 'http' }) + service('a', { appProtocol: 'http' }) + service('c'),
    [{ port: 8080, protocol: 'http1', declaredBy: ['shop/a:80', 'shop/b:80'] }],
  ],
  [
    'Services that contradict each other say nothing',
    service('b', { name: 'http' }) + service('a', { name: 'tcp' }),
    [],
  ],
  [
    'An endpoint without a pod is known by its address',
    service('a', { appProtocol: 'mysql' }, ''),
    [{ port: 8080, protocol: 'opaque', declaredBy: ['shop/a:80'] }],
  ],
  [
    'One of another pod is not, whatever its address',
    service('a', { name: 'tcp' }, 'targetRef: { kind: Pod, name: x }'),
    [],
  ],
  ['A Service of another namespace has no say', service('a', { name: 'tcp' }).replaceAll('shop', 'bank'), []],
];

for (const [sentence, yaml, ports] of cases) {
  test(sentence, (t) => {
    const store = new Store();
    const parsed = parseFile(yaml);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    for (const { object } of parsed.objects) store.apply({ type: 'applied', object });
    const { inboundOf } = followTranslation()(store);
    t.deepEqual(inboundOf({ namespace: 'shop', pod: 'web', addresses: ['10.1.0.1'] }), { ports });
  });
}
