import test from 'ava';
import * as fc from 'fast-check';
import { decodeEndpoints, decodeInbound, decodePeer, decodeServiceRouting } from '../../../routing/wire/decode.ts';
import { encodeEndpoints, encodeInbound, encodePeer, encodeServiceRouting } from './bytes.ts';
import { endpoints, inbound, peer, serviceRouting } from './arbitraries.ts';

test('A ServiceRouting comes back from its bytes as it was, and equal values have equal bytes', (t) => {
  const property = fc.property(serviceRouting, (value) => {
    const bytes = encodeServiceRouting(value);
    t.deepEqual(decodeServiceRouting(bytes), { ok: true, value });
    t.deepEqual(encodeServiceRouting(structuredClone(value)), bytes);
  });
  t.notThrows(() => fc.assert(property, { seed: 20_261_126, numRuns: 1000 }));
});

test('Endpoints come back from their bytes as they were, and equal values have equal bytes', (t) => {
  const property = fc.property(endpoints, (value) => {
    const bytes = encodeEndpoints(value);
    t.deepEqual(decodeEndpoints(bytes), { ok: true, value });
    t.deepEqual(encodeEndpoints(structuredClone(value)), bytes);
  });
  t.notThrows(() => fc.assert(property, { seed: 20_261_126, numRuns: 1000 }));
});

test('An Inbound comes back from its bytes as it was, and equal values have equal bytes', (t) => {
  const property = fc.property(inbound, (value) => {
    const bytes = encodeInbound(value);
    t.deepEqual(decodeInbound(bytes), { ok: true, value });
    t.deepEqual(encodeInbound(structuredClone(value)), bytes);
  });
  t.notThrows(() => fc.assert(property, { seed: 20_261_127, numRuns: 300 }));
});

test('A Peer comes back from its bytes as it was, and one without a name is refused', (t) => {
  const property = fc.property(peer, (value) => {
    t.deepEqual(decodePeer(encodePeer(value)), { ok: true, value });
  });
  t.notThrows(() => fc.assert(property, { seed: 20_261_128, numRuns: 100 }));
  t.false(decodePeer(encodePeer({ namespace: 'shop', pod: '' })).ok);
});

test('Garbage bytes never throw', (t) => {
  let refused = 0;
  const property = fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    for (const decoded of [decodeServiceRouting(bytes), decodeEndpoints(bytes)]) if (!decoded.ok) refused += 1;
  });
  t.notThrows(() => fc.assert(property, { seed: 20_261_126, numRuns: 5000 }));
  t.true(refused > 9000, `only ${refused} refused`);
});

test('Damaged bytes never throw: one byte changed or the end cut off', (t) => {
  const damage = fc.record({ value: serviceRouting, at: fc.nat(), byte: fc.nat(255), cut: fc.boolean() });
  let refused = 0;
  const property = fc.property(damage, ({ value, at, byte, cut }) => {
    const bytes = encodeServiceRouting(value);
    const place = at % bytes.length;
    if (!cut) bytes[place] = byte;
    if (!decodeServiceRouting(cut ? bytes.subarray(0, place) : bytes).ok) refused += 1;
  });
  t.notThrows(() => fc.assert(property, { seed: 20_261_126, numRuns: 3000 }));
  t.true(refused > 500, `only ${refused} refused`);
});
