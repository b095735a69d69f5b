/** What can be in a bag: one at a time. */
export type Baggable = {
  /** Its place there, for the bag alone; -1 while it is in none. */
  place: number;
};

/**
 * A set of objects that come and go. Not a Set: one in which entries come and go is replaced by a new table every so often,
 * the old ones point to the new ones, and so what dies young is kept until all of the heap is collected (ARCHITECTURE.md).
 */
export class Bag<T extends Baggable> implements Iterable<T> {
  private readonly items: T[] = [];

  get size(): number {
    return this.items.length;
  }

  add(item: T): void {
    item.place = this.items.push(item) - 1;
  }

  /** False: it is not there. */
  delete(item: T): boolean {
    const { place } = item;
    if (place < 0) return false;
    const last = this.items.pop();
    if (last !== undefined && last !== item) {
      this.items[place] = last;
      last.place = place;
    }
    item.place = -1;
    return true;
  }

  /** Those that were there when it began and have not been taken out meanwhile. */
  *[Symbol.iterator](): Iterator<T> {
    for (const item of this.items.slice()) if (item.place >= 0) yield item;
  }
}
