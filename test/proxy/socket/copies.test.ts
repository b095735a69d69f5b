import test from 'ava';
import { borrowCopy, giveBackCopy } from '../../../proxy/socket/copies.ts';

test('a buffer for a few bytes holds no more memory than a page', (t) => {
  t.true(borrowCopy(1).length < 4096);
});

test('a buffer for many bytes is lent again once it was given back', (t) => {
  const buffer = borrowCopy(20_000);
  giveBackCopy(buffer);
  t.is(borrowCopy(30_000), buffer);
});

test('a buffer is at most about twice as large as what it is for', (t) => {
  for (const length of [1, 100, 8191, 8192, 9000, 16_384, 16_385, 40_000, 65_536, 65_537, 1_000_000]) {
    const buffer = borrowCopy(length);
    t.true(buffer.length >= length && buffer.length < length * 2, `${buffer.length} for ${length}`);
  }
});

test('what is given back is kept for others up to a bound only', (t) => {
  const buffers = Array.from({ length: 100 }, () => borrowCopy(65_536));
  for (const buffer of buffers) giveBackCopy(buffer);
  const again = new Set(Array.from({ length: 100 }, () => borrowCopy(65_536)));
  t.is(buffers.filter((buffer) => again.has(buffer)).length, 16);
});

test('what is given back and not kept for others is freed once the present event is handled', async (t) => {
  for (const length of [100, 5000, 65_537, 1_000_000]) {
    const buffer = borrowCopy(length);
    giveBackCopy(buffer);
    t.is(buffer.length, length, 'who has given it back may still read on in it');
    await Promise.resolve();
    t.is(buffer.length, 0);
  }
});

test('of a part of a larger buffer nothing is freed', async (t) => {
  const part = Buffer.from('part of the pool that Node keeps for small buffers');
  giveBackCopy(part);
  await Promise.resolve();
  t.is(part.length, 50);
});
