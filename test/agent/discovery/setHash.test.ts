import test from 'ava';
import { SetHash } from '../../../agent/discovery/setHash.ts';

function hashOf(...members: readonly string[]): string {
  const hash = new SetHash();
  for (const member of members) hash.add(member);
  return String(hash);
}

test('a set has one hash, in whatever order its members came, and whoever came and went', (t) => {
  t.is(hashOf('a', 'b', 'c'), hashOf('c', 'a', 'b'));
  const hash = new SetHash();
  for (const member of ['x', 'a', 'y']) hash.add(member);
  for (const member of ['y', 'x']) hash.remove(member);
  hash.add('b');
  t.is(String(hash), hashOf('a', 'b'));
  hash.remove('a');
  hash.remove('b');
  t.is(String(hash), hashOf());
});

test('sets that differ in a member have hashes that differ', (t) => {
  const sets = [[], ['a'], ['b'], ['a', 'b'], ['a', 'c'], ['ab'], ['a', 'a']];
  t.is(new Set(sets.map((members) => hashOf(...members))).size, sets.length);
});
