/** What several hold of something scarce, such as the connections of each peer; of each the oldest first. */
export class Holders<T> {
  readonly #held = new Map<string, Set<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  countOf(holder: string): number {
    return this.#held.get(holder)?.size ?? 0;
  }

  oldestOf(holder: string): T | undefined {
    return this.#held.get(holder)?.values().next().value;
  }

  add(holder: string, item: T): void {
    const items = this.#held.get(holder) ?? new Set();
    if (!items.has(item)) this.#size += 1;
    this.#held.set(holder, items.add(item));
  }

  /** Does nothing if the holder does not have the item. */
  remove(holder: string, item: T): void {
    const items = this.#held.get(holder);
    if (items?.delete(item) !== true) return;
    this.#size -= 1;
    if (items.size === 0) this.#held.delete(holder);
  }

  /** The oldest item of whoever holds most; undefined where nobody holds more than one. Looks at every holder. */
  oldestOfGreediest(): T | undefined {
    let most: ReadonlySet<T> = new Set();
    for (const items of this.#held.values()) if (items.size > most.size) most = items;
    return most.size > 1 ? most.values().next().value : undefined;
  }
}
