/**
 * Keeps what was computed for an object as long as the object and everything else it was computed from stay the same
 * objects. What is forgotten elsewhere is forgotten here.
 */
export class Memo<V> {
  readonly #kept = new WeakMap<object, Map<string, { readonly from: readonly unknown[]; readonly value: V }>>();

  /** `part` tells apart several values of one object; `from` is everything besides the object that `compute` reads. */
  get(object: object, part: string, from: readonly unknown[], compute: () => V): V {
    let parts = this.#kept.get(object);
    if (parts === undefined) this.#kept.set(object, (parts = new Map()));
    const kept = parts.get(part);
    if (kept !== undefined && sameElements(kept.from, from)) return kept.value;
    const value = compute();
    parts.set(part, { from, value });
    return value;
  }
}

/** Computes again only when an argument is another object than the last time. */
export function keepLast<A extends readonly unknown[], V>(compute: (...from: A) => V): (...from: A) => V {
  let kept: { readonly from: A; readonly value: V } | undefined;
  return (...from) => {
    if (kept === undefined || !sameElements(kept.from, from)) kept = { from, value: compute(...from) };
    return kept.value;
  };
}

function sameElements(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false;
  return true;
}
