/** What the API server has as status of one route, as the source saw it last. */
export type ObservedStatus = {
  readonly uid: string;
  readonly resourceVersion: string;
  /** metadata.generation, 0 when there is none. */
  readonly generation: number;
  /** status.parents as it came, entries of every controller. */
  readonly parents: readonly unknown[];
};

/**
 * The statuses of all routes by `HTTPRoute shop/cart`. They stand beside the objects because a written status must not
 * look like a changed route: the source fills them from each event, the status writer compares and is told of changes.
 */
export class ObservedStatuses {
  readonly #byKey = new Map<string, ObservedStatus>();
  readonly #listeners = new Set<(key: string) => void>();

  get(key: string): ObservedStatus | undefined {
    return this.#byKey.get(key);
  }

  get size(): number {
    return this.#byKey.size;
  }

  keys(): IterableIterator<string> {
    return this.#byKey.keys();
  }

  /** Takes what an event says of a route; undefined when the route is gone. Tells those who listen. */
  observe(key: string, status: ObservedStatus | undefined): void {
    if (status === undefined) this.#byKey.delete(key);
    else this.#byKey.set(key, status);
    for (const listener of this.#listeners) listener(key);
  }

  /** Calls `listener` after each change with the route's key; the function returned ends that. */
  onChange(listener: (key: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
