import test from 'ava';
import type { Service } from '../../../agent/objects/types.ts';
import { AddressOwners } from '../../../agent/translate/addresses.ts';

/** A Service of shop; a later number is a younger one. */
function makeService(name: string, age: number, clusterIPs: readonly string[]): Service {
  const meta = { namespace: 'shop', name, uid: undefined, generation: 0, createdAtMs: age };
  return {
    kind: 'Service',
    meta,
    type: 'ClusterIP',
    clusterIPs,
    headless: false,
    ports: [],
    opaquePorts: undefined,
    annotations: undefined,
    isLocal: false,
    sessionAffinityMs: undefined,
    publishNotReadyAddresses: false,
    trafficDistribution: undefined,
  };
}

const oldest = makeService('oldest', 1, ['10.0.0.1']);
const middle = makeService('middle', 2, ['10.0.0.1', '10.0.0.2']);
const youngest = makeService('youngest', 3, ['10.0.0.2', '10.0.0.3']);

test('who owns an address changes with Services that share none with the one that changed', (t) => {
  const owners = new AddressOwners();
  const set = (name: string, service: Service | undefined): readonly string[] => {
    owners.set(`shop/${name}`, service);
    return owners.settle();
  };
  t.deepEqual(set('youngest', youngest), []);
  t.deepEqual(set('middle', middle), ['shop/youngest']);
  t.is(owners.twinOf('shop/youngest'), middle);
  // The middle one owns nothing any more, so the youngest does.
  t.deepEqual(set('oldest', oldest), ['shop/middle', 'shop/youngest']);
  t.is(owners.twinOf('shop/middle'), oldest);
  t.is(owners.twinOf('shop/youngest'), undefined);
  t.deepEqual(set('oldest', { ...oldest, clusterIPs: ['10.0.0.9'] }), ['shop/middle', 'shop/youngest']);
  t.deepEqual(set('middle', undefined), ['shop/youngest']);
  t.deepEqual(set('oldest', undefined), []);
});

test('a Service that loses its addresses, or is gone, keeps no other from owning them', (t) => {
  const owners = new AddressOwners();
  owners.set('shop/oldest', oldest);
  owners.set('shop/middle', middle);
  t.deepEqual(owners.settle(), ['shop/middle']);
  owners.set('shop/middle', { ...middle, clusterIPs: [] });
  t.deepEqual(owners.settle(), ['shop/middle']);
  owners.set('shop/middle', middle);
  t.deepEqual(owners.settle(), ['shop/middle']);
  owners.set('shop/oldest', undefined);
  t.deepEqual(owners.settle(), ['shop/middle']);
});
