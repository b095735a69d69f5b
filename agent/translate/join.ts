import { changedItems } from './changed.ts';

export type JoinOptions<O, P, V> = {
  /** Where an owner's parts are found; looked at once per owner. */
  readonly keysOf: (owner: O) => readonly string[];
  readonly keyOf: (part: P) => string;
  /** What follows from an owner and the parts at each of its keys. */
  readonly compute: (owner: O, parts: readonly (readonly P[])[]) => readonly V[];
  readonly compare: (one: V, other: V) => number;
};

/**
 * Returns the sorted list of what follows from all owners and their parts. An owner that stands where it stood before is
 * computed again only if parts of it changed; if nothing changed at all, the result is the same list.
 */
export function createJoin<O, P, V>(
  options: JoinOptions<O, P, V>,
): (owners: readonly O[], parts: readonly P[]) => readonly V[] {
  const { keysOf, keyOf, compute, compare } = options;
  let known: readonly { readonly owner: O; readonly keys: readonly string[]; readonly values: readonly V[] }[] = [];
  let last: { readonly owners: readonly O[]; readonly parts: readonly P[] } = { owners: [], parts: [] };
  let sorted: readonly V[] = [];
  return (owners, parts) => {
    if (owners === last.owners && parts === last.parts) return sorted;
    const touched = new Set(changedItems(last.parts, parts).map(keyOf));
    const next = owners.map((owner, index) => {
      const before = known[index];
      if (before?.owner === owner) return before;
      const keys = keysOf(owner);
      for (const key of keys) touched.add(key);
      return { owner, keys, values: [] };
    });
    const byKey = Map.groupBy(
      parts.filter((part) => touched.has(keyOf(part))),
      keyOf,
    );
    known = next.map((entry) => {
      const { owner, keys } = entry;
      if (!keys.some((key) => touched.has(key))) return entry;
      const own = keys.map((key) => byKey.get(key) ?? []);
      return { owner, keys, values: compute(owner, own) };
    });
    last = { owners, parts };
    sorted = known.flatMap(({ values }) => values).sort(compare);
    return sorted;
  };
}
