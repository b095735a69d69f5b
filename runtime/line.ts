/** Where one stands in a line. */
export type Place<T> = { readonly item: T; previous: Place<T> | undefined; next: Place<T> | undefined };

/**
 * Those that wait, first come first served; each can leave from the middle. Not a Set, for the reason of bag.ts: the links of
 * a place are cut when it is left.
 */
export class Line<T> {
  private first: Place<T> | undefined;
  private last: Place<T> | undefined;

  /** At the end; what it returns is for `leave`. */
  join(item: T): Place<T> {
    const place: Place<T> = { item, previous: this.last, next: undefined };
    if (this.last === undefined) this.first = place;
    else this.last.next = place;
    this.last = place;
    return place;
  }

  /** Takes the first one out. */
  shift(): T | undefined {
    const { first } = this;
    if (first !== undefined) this.leave(first);
    return first?.item;
  }

  /** Gives up a place that is in this line. */
  leave(place: Place<T>): void {
    const { previous, next } = place;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.last = previous;
    else next.previous = previous;
    place.previous = undefined;
    place.next = undefined;
  }
}
