import test from 'ava';
import { DecodedObjects } from '../../../agent/cluster/decodedObjects.ts';
import type { WatchedKindName } from '../../../agent/cluster/kinds.ts';
import type { SourceEvent } from '../../../agent/source.ts';
import type { RawObject } from '../../../kubernetes/rawObject.ts';

/** Objects of a kind, and what was told of those that cannot be read. */
function open(kind: WatchedKindName) {
  const told: string[] = [];
  const objects = new DecodedObjects(kind, (key, messages, was) => told.push(`${key} ${was}: ${messages.join('; ')}`));
  const apply = (object: unknown): SourceEvent | undefined =>
    objects.take({ type: 'applied', key: 'shop/x', object: object as RawObject });
  return { told, objects, apply, remove: () => objects.take({ type: 'deleted', key: 'shop/x' }) };
}

let version = 0;
const metadata = (uid = 'one') => ({ namespace: 'shop', name: 'x', uid, resourceVersion: String((version += 1)) });
const service = (spec: unknown, uid?: string) => ({ metadata: metadata(uid), spec });
const good = { clusterIP: '10.96.0.1', ports: [{ port: 80 }] };

test('an object that did not change in what is read is no event', (t) => {
  const { apply } = open('Service');
  t.like(apply(service(good)), { type: 'applied', object: { kind: 'Service' } });
  t.is(apply({ ...service({ ...good, selector: { app: 'x' } }), status: { loadBalancer: {} } }), undefined);
  t.like(apply(service({ ...good, ports: [{ port: 81 }] })), { type: 'applied' });
});

test('an object of the same name with another uid is another object', (t) => {
  const { apply } = open('Service');
  apply(service(good, 'one'));
  t.like(apply(service(good, 'two')), { type: 'applied', object: { meta: { uid: 'two' } } });
});

test('what cannot be read is told once and leaves the last good version', (t) => {
  const { apply, told, remove } = open('Service');
  apply(service(good));
  t.is(apply(service({ ...good, clusterIP: 'here' })), undefined);
  t.is(apply(service({ ...good, clusterIP: 'here' })), undefined);
  t.deepEqual(told, ['shop/x good: spec.clusterIP: "here" is not an IP address']);
  t.is(apply(service(good)), undefined);
  t.is(told.at(-1), 'shop/x good: ');
  t.like(remove(), { type: 'deleted', object: { kind: 'Service' } });
});

test('what never could be read is absent, and its end is no event', (t) => {
  const { apply, told, remove } = open('HTTPRoute');
  t.is(apply({ metadata: metadata(), spec: { parentRefs: [{}] } }), undefined);
  t.deepEqual(told, ['shop/x never good: spec.parentRefs[0].name: is required']);
  t.is(remove(), undefined);
});

function slice(generation: number) {
  return { metadata: { ...metadata(), generation }, addressType: 'IPv4', endpoints: null };
}

test('the generation of a slice counts changes that are none to us', (t) => {
  const { apply } = open('EndpointSlice');
  t.truthy(apply(slice(1)));
  t.is(apply(slice(2)), undefined);
});
