export type Labels = Readonly<Record<string, string>>;

/** The series of one metric: an accumulator per label set, made by `get` and only looked for by `find`. */
export type Series<T> = {
  get(labels: Labels): T;
  find(labels: Labels): T | undefined;
  all(): Iterable<readonly [Labels, T]>;
};

/**
 * At most `limit` label sets; further ones share one whose labels are all `other`, so that a caller who makes up names
 * costs no memory. `get` is for set-up: keep its result for the hot path.
 */
export function boundedSeries<T>(limit: number, create: () => T): Series<T> {
  const known = new Map<string, readonly [Labels, T]>();
  return {
    get(labels) {
      const key = JSON.stringify(labels);
      const found = known.get(key);
      if (found !== undefined) return found[1];
      const made = create();
      if (known.size < limit) {
        known.set(key, [labels, made]);
        return made;
      }
      const others = Object.fromEntries(Object.keys(labels).map((name) => [name, 'other']));
      const overflow = known.get('other')?.[1] ?? made;
      known.set('other', [others, overflow]);
      return overflow;
    },
    find: (labels) => known.get(JSON.stringify(labels))?.[1],
    all: () => known.values(),
  };
}
