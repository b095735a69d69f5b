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

test('hashes of names as they are meet neither alone nor in pairs', (t) => {
  const names = Array.from({ length: 300 }, (_, index) => `10.96.0.${index}:80 u1xK0123456789ab`);
  const pairs = names.slice(0, 100).flatMap((one, index) => names.slice(index + 1, 100).map((other) => [one, other]));
  const sets = [...names.map((name) => [name]), ...pairs];
  t.is(new Set(sets.map((members) => hashOf(...members))).size, sets.length);
});
