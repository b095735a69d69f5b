import test from 'ava';
import { createSeldom } from '../../runtime/seldom.ts';

test('a key is reported once in its time, and no more than so many keys', (t) => {
  let now = 0;
  const may = createSeldom(1000, 2, () => now);
  t.deepEqual(['a', 'a', 'b', 'c'].map(may), [true, false, true, false]);
  now = 999;
  t.false(may('a'));
  now = 1000;
  t.deepEqual(['c', 'a', 'b'].map(may), [true, true, false]);
});
