import test from 'ava';
import { parseFile } from '../../../agent/files/parse.ts';
import { Store } from '../../../agent/store.ts';
import { followTranslation } from './whole.ts';

type Given = { readonly name: string; readonly address: string; readonly target?: string; readonly namespace?: string };

function slice({ name, address, target = '', namespace = 'shop' }: Given): string {
  return `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { namespace: ${namespace}, name: ${name}, labels: { kubernetes.io/service-name: ${name} } }
addressType: ${address.includes(':') ? 'IPv6' : 'IPv4'}
ports: [{ name: http, port: 8080 }]
endpoints: [{ addresses: ["${address}"]${target === '' ? '' : `, targetRef: { ${target} }`} }]`;
}

const pod = (name: string): string => `kind: Pod, name: ${name}`;

const cases: readonly (readonly [sentence: string, slices: readonly Given[], expected: string | undefined])[] = [
  ['an address in a slice is its pod', [{ name: 'a', address: '10.1.0.1', target: pod('a-1') }], 'shop/a-1'],
  [
    'an address in several slices of one pod is that pod',
    [
      { name: 'a', address: '10.1.0.1', target: pod('a-1') },
      { name: 'b', address: '10.1.0.1', target: pod('a-1') },
    ],
    'shop/a-1',
  ],
  ['an address that stands nowhere is nobody', [{ name: 'a', address: '10.1.0.2', target: pod('a-1') }], undefined],
  ['an address without a pod is nobody', [{ name: 'a', address: '10.1.0.1' }], undefined],
  [
    'an address of several pods, as on the network of a node, is nobody',
    [
      { name: 'a', address: '10.1.0.1', target: pod('a-1') },
      { name: 'b', address: '10.1.0.1', target: pod('b-1') },
    ],
    undefined,
  ],
  [
    'pods of one name in two namespaces are two',
    [
      { name: 'a', address: '10.1.0.1', target: pod('a-1') },
      { name: 'a', address: '10.1.0.1', target: pod('a-1'), namespace: 'bank' },
    ],
    undefined,
  ],
  [
    'an address that is a node in one place is nobody',
    [
      { name: 'a', address: '10.1.0.1', target: pod('a-1') },
      { name: 'kubelet', address: '10.1.0.1', target: 'kind: Node, name: node-1', namespace: 'kube-system' },
    ],
    undefined,
  ],
];

for (const [sentence, slices, expected] of cases) {
  test(`whose an address is: ${sentence}`, (t) => {
    const store = new Store();
    const translate = followTranslation();
    // Asked before, between and after: the index is made at the first time, and kept from then on.
    for (const askFirst of [false, true]) {
      if (askFirst) t.is(translate(store).peerOf('10.1.0.9'), undefined);
      for (const given of slices.map(slice)) {
        const parsed = parseFile(given);
        if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
        for (const { object } of parsed.objects) store.apply({ type: 'applied', object });
      }
      const peer = translate(store).peerOf('10.1.0.1');
      t.is(peer && `${peer.namespace}/${peer.pod}`, expected);
      for (const object of store.objects.EndpointSlice.values().toArray()) store.apply({ type: 'deleted', object });
      const { peerOf, changes } = translate(store);
      t.true(changes.peers.size > 0, 'who has asked is told');
      t.is(peerOf('10.1.0.1'), undefined);
    }
  });
}
