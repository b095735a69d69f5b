import test from 'ava';
import { assert, maxSafeNat, nat, property } from 'fast-check';
import { Line } from '../../../sidecar/observe/line.ts';

function textOf({ bytes, length }: Line): string {
  return bytes.toString('latin1', 0, length);
}

test('whole numbers are written as JavaScript writes them', (t) => {
  assert(
    property(maxSafeNat(), (value) => {
      const line = new Line();
      line.integer(value);
      return textOf(line) === String(value);
    }),
  );
  t.pass();
});

test('milliseconds keep three decimals, or none where all are 0', (t) => {
  assert(
    property(nat(2_000_000_000), (micros) => {
      const line = new Line();
      line.milliseconds(micros / 1000);
      const [whole, decimals] = textOf(line).split('.');
      return Number(whole) === Math.floor(micros / 1000) && Number(decimals ?? '000') === micros % 1000;
    }),
  );
  t.pass();
});

test('a line grows with what is put into it', (t) => {
  const line = new Line();
  const long = 'x'.repeat(10_000);
  line.ready(Buffer.from('a'));
  line.text(long);
  line.ready(Buffer.from(long));
  t.is(textOf(line), `a${long}${long}`);
});
