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
