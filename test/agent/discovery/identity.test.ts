import test from 'ava';
import { peerAddress } from '../../../agent/discovery/identity.ts';
import { PodAddresses } from '../../../agent/discovery/podAddresses.ts';
import { Store } from '../../../agent/store.ts';
import { parseFile } from '../../../agent/files/parse.ts';

const peers: readonly (readonly [peer: string, address: string])[] = [
  ['10.0.0.1:4711', '10.0.0.1'],
  ['::ffff:10.0.0.1:4711', '10.0.0.1'],
  ['[::ffff:10.0.0.1]:4711', '10.0.0.1'],
  ['fd00:0:0::1:4711', 'fd00::1'],
  ['[fd00::1]:4711', 'fd00::1'],
  ['fe80::1%eth0:4711', 'fe80::1'],
  ['unknown', 'unknow'],
];

for (const [peer, address] of peers) {
  test(`the peer ${peer} has the address ${address}`, (t) => t.is(peerAddress(peer), address));
}

test('a pod is found by each of its addresses, unless it has finished or shares them', (t) => {
  const parsed = parseFile(`
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}, status: {podIP: 10.1.0.1, podIPs: [{ip: 10.1.0.1}, {ip: "FD00::0:1"}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: done, namespace: jobs}, status: {phase: Succeeded, podIP: 10.1.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: host-1, namespace: shop}, status: {podIP: 192.168.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: host-2, namespace: other}, status: {podIP: 192.168.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: pending}}
`);
  const objects = parsed.ok ? parsed.objects.map(({ object }) => object) : [];
  t.is(objects.length, 5);
  const store = new Store();
  const pods = new PodAddresses();
  const update = (type: 'applied' | 'deleted', changed: typeof objects): void => {
    for (const object of changed) store.apply({ type, object });
    pods.update(store.objects.Pod, store.takeChanged().Pod);
  };
  update('applied', objects);
  t.deepEqual(pods.get('10.1.0.1'), { namespace: 'shop', pod: 'a' });
  t.deepEqual(pods.get('fd00::1'), { namespace: 'shop', pod: 'a' });
  t.is(pods.get('192.168.0.1'), undefined);
  update(
    'deleted',
    objects.filter(({ meta }) => meta.name === 'host-2' || meta.name === 'a'),
  );
  t.is(pods.get('10.1.0.1'), undefined);
  t.deepEqual(pods.get('192.168.0.1'), { namespace: 'shop', pod: 'host-1' });
});
