import test from 'ava';
import { array, assert, boolean, nat, property, record } from 'fast-check';
import { Bag, type Baggable } from '../../runtime/bag.ts';

test('a bag has what a set has that is given and loses the same', (t) => {
  const change = record({ index: nat(9), isAdded: boolean() });
  assert(
    property(array(change, { maxLength: 60 }), (changes) => {
      const items: readonly Baggable[] = Array.from({ length: 10 }, () => ({ place: -1 }));
      const bag = new Bag();
      const set = new Set<Baggable>();
      for (const { index, isAdded } of changes) {
        const item = items[index] ?? { place: -1 };
        if (!isAdded) {
          if (bag.delete(item) !== set.delete(item)) return false;
        } else if (!set.has(item)) {
          bag.add(item);
          set.add(item);
        }
      }
      return (
        bag.size === set.size &&
        [...bag].every((item) => set.has(item)) &&
        items.every((one) => set.has(one) || one.place === -1)
      );
    }),
  );
  t.pass();
});

test('one that is taken out while all are looked at is not seen any more', (t) => {
  const bag = new Bag();
  const items = Array.from({ length: 5 }, () => ({ place: -1 }));
  for (const item of items) bag.add(item);
  const seen: Baggable[] = [];
  for (const item of bag) {
    seen.push(item);
    for (const other of items) if (other !== item) bag.delete(other);
  }
  t.is(seen.length, 1);
  t.is(bag.size, 1);
});
