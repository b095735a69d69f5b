import test from 'ava';
import * as fc from 'fast-check';
import { type Entry, PrefixTree } from '../../../routing/match/prefixTree.ts';

function keysOf(entry: Entry<unknown> | undefined): string[] {
  return entry === undefined ? [] : [entry.key, ...keysOf(entry.shorter)];
}

const text = fc.array(fc.constantFrom('/', 'a', 'b', 'ab', 'é'), { maxLength: 6 }).map((parts) => parts.join(''));
const keys = fc.uniqueArray(text, { maxLength: 20 });
const byLength = (a: string, b: string) => b.length - a.length;

test('A tree by characters finds every key that a text starts with, longest first', (t) => {
  const property = fc.property(keys, text, (given, one) => {
    const tree = new PrefixTree(
      given.map((key) => [key, key] as const),
      'character',
    );
    const expected = given.filter((key) => one.startsWith(key)).sort(byLength);
    t.deepEqual(keysOf(tree.longest(one)), expected);
  });
  t.notThrows(() => fc.assert(property, { seed: 20_261_126, numRuns: 2000 }));
});

test('A tree by segments finds the empty key, and keys after which the text ends or goes on with a slash', (t) => {
  const property = fc.property(keys, text, (given, one) => {
    const tree = new PrefixTree(
      given.map((key) => [key, key] as const),
      'segment',
    );
    const expected = given.filter((key) => key === '' || one === key || one.startsWith(`${key}/`)).sort(byLength);
    t.deepEqual(keysOf(tree.longest(one)), expected);
  });
  t.notThrows(() => fc.assert(property, { seed: 20_261_126, numRuns: 2000 }));
});
