import { SocketAddress } from 'node:net';
import test from 'ava';
import * as fc from 'fast-check';
import { formatIpv6, originalDestination } from '../../../sidecar/intercept/originalDestination.ts';

/** RFC 5952 section 4, and the corners of it. */
const cases: readonly (readonly [groups: readonly number[], text: string])[] = [
  [[0, 0, 0, 0, 0, 0, 0, 0], '::'],
  [[0, 0, 0, 0, 0, 0, 0, 1], '::1'],
  [[0, 0, 0, 0, 0, 0, 0, 6], '::6'],
  [[1, 0, 0, 0, 0, 0, 0, 0], '1::'],
  [[0xfd00, 0x96, 0, 0, 0, 0, 0, 0x10], 'fd00:96::10'],
  [[0x2001, 0xdb8, 0, 1, 1, 1, 1, 1], '2001:db8:0:1:1:1:1:1'],
  [[0x2001, 0xdb8, 0, 0, 1, 0, 0, 1], '2001:db8::1:0:0:1'],
  [[0x2001, 0, 0, 1, 0, 0, 0, 1], '2001:0:0:1::1'],
  [[0x2001, 0xdb8, 1, 2, 3, 4, 5, 0], '2001:db8:1:2:3:4:5:0'],
  [[0xabcd, 0xef01, 0xabcd, 0xef01, 0xabcd, 0xef01, 0xabcd, 0xef01], 'abcd:ef01:abcd:ef01:abcd:ef01:abcd:ef01'],
];

for (const [groups, text] of cases) {
  test(`${groups.map((group) => group.toString(16)).join(':')} is written ${text}`, (t) => {
    t.is(formatIpv6(bytesOf(groups)), text);
  });
}

test('every address reads back as itself, written as the system writes it', (t) => {
  const group = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 0xffff }));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const long = groups.map((value) => value.toString(16)).join(':');
      const system = new SocketAddress({ address: long, family: 'ipv6' }).address;
      // The system writes IPv4-mapped and IPv4-compatible addresses with dots; no pod or Service has one.
      return system.includes('.') || formatIpv6(bytesOf(groups)) === system;
    }),
    { seed: 20_261_126, numRuns: 10_000 },
  );
  t.pass();
});

test('a descriptor that is no redirected connection has no original destination', (t) => {
  t.is(originalDestination(0, 4), undefined);
  t.is(originalDestination(0, 6), undefined);
  t.is(originalDestination(-1, 4), undefined);
});

function bytesOf(groups: readonly number[]): Uint8Array {
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}
