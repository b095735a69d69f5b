import type { Change } from './derived.ts';

/** What changed among the parts of changed wholes, by the keys of the parts; one may have moved to another whole. */
export function changedParts<W, P>(
  changes: readonly Change<W>[],
  partsOf: (whole: W) => readonly P[],
  keyOf: (part: P) => string,
): readonly Change<P>[] {
  const parts = new Map<string, { key: string; before: P | undefined; after: P | undefined }>();
  const at = (part: P): { before: P | undefined; after: P | undefined } => {
    const key = keyOf(part);
    let change = parts.get(key);
    if (change === undefined) parts.set(key, (change = { key, before: undefined, after: undefined }));
    return change;
  };
  for (const { before, after } of changes) {
    if (before !== undefined) for (const part of partsOf(before)) at(part).before = part;
    if (after !== undefined) for (const part of partsOf(after)) at(part).after = part;
  }
  return parts
    .values()
    .filter(({ before, after }) => before !== after)
    .toArray();
}
