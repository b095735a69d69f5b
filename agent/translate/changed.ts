/** The items that stand in only one of two lists; none of the items stands twice in one. */
export function changedItems<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  if (before === after) return [];
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const [old, fresh] = [new Set(before.slice(start, before.length - end)), after.slice(start, after.length - end)];
  const added = fresh.filter((item) => !old.delete(item));
  return [...old, ...added];
}
