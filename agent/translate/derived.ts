import { Groups } from './groups.ts';

/** A value that is another one than before; undefined: there was none, or is none any more. */
export type Change<V> = { readonly key: string; readonly before: V | undefined; readonly after: V | undefined };

/** Says that the value being computed depends on a fact, which is a text such as `Service shop/cart`. */
export type Read = (fact: string) => void;

/**
 * Values by key, each with the facts that it was computed from. Only what is marked, or has read a fact that changed, is
 * computed again; all else is not even looked at.
 */
export class Derived<V> {
  readonly #compute: (key: string, read: Read) => V | undefined;
  readonly #values = new Map<string, V>();
  readonly #readers = new Groups<undefined>();
  readonly #dirty = new Set<string>();

  /** `compute` must not throw; it returns undefined where nothing follows, and what it read then is forgotten. */
  constructor(compute: (key: string, read: Read) => V | undefined) {
    this.#compute = compute;
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  /** Has this value computed again. */
  mark(key: string): void {
    this.#dirty.add(key);
  }

  /** Has all values computed again that have read the fact. */
  touch(fact: string): void {
    for (const [key] of this.#readers.of(fact)) this.#dirty.add(key);
  }

  /** Computes what is to be computed again, and returns what is new. */
  settle(): readonly Change<V>[] {
    const changes: Change<V>[] = [];
    for (const key of this.#dirty) {
      const before = this.#values.get(key);
      const facts: string[] = [];
      const after = this.#compute(key, (fact) => void (facts.includes(fact) || facts.push(fact)));
      if (after === undefined) {
        this.#values.delete(key);
        this.#readers.remove(key);
      } else {
        this.#values.set(key, after);
        this.#readers.place(key, undefined, facts);
      }
      if (before !== after) changes.push({ key, before, after });
    }
    this.#dirty.clear();
    return changes;
  }
}
