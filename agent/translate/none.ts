const none: readonly never[] = [];

/** The list, or the one empty list for all: most lists of a translation are empty, and all are kept. */
export function orNone<T>(list: readonly T[]): readonly T[] {
  return list.length === 0 ? none : list;
}
