import test from 'ava';
import { canonicalAddress } from '../../../agent/objects/address.ts';

const cases: readonly (readonly [written: string, canonical: string | undefined])[] = [
  ['10.0.0.1', '10.0.0.1'],
  ['10.0.0.256', undefined],
  ['10.0.0.01', undefined],
  ['10.0.0', undefined],
  ['FD00:0:0:0:0:0:0:1', 'fd00::1'],
  ['fd00:0:0:1:0:0:0:1', 'fd00:0:0:1::1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['::', '::'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
  ['fd00::1%eth0', undefined],
  ['fd00:::1', undefined],
  ['[fd00::1]', undefined],
  ['example.com', undefined],
  ['', undefined],
];

for (const [written, canonical] of cases) {
  test(`"${written}" is ${canonical ?? 'no address'}`, (t) => t.is(canonicalAddress(written), canonical));
}
