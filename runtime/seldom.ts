/** Says of a key, at most once in `everyMs`, that it may be reported; at most `size` keys in that time. */
export function createSeldom(
  everyMs: number,
  size: number,
  now: () => number = () => performance.now(),
): (key: string) => boolean {
  const said = new Map<string, number>();
  return (key) => {
    const at = now();
    for (const [old, when] of said) {
      if (at - when < everyMs) break;
      said.delete(old);
    }
    if (said.has(key) || said.size >= size) return false;
    said.set(key, at);
    return true;
  };
}
