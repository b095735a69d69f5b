import { type RawObject, rawKey } from './rawObject.ts';

/** What changed of one resource; `key` is `namespace/name`. Of a deleted object nothing else is kept. */
export type ObjectEvent =
  | { readonly type: 'applied'; readonly key: string; readonly object: RawObject }
  | { readonly type: 'deleted'; readonly key: string };

type Version = { readonly uid: string | undefined; readonly resourceVersion: string };

/** Which objects of one resource there are, and in which version: so much is kept, not the objects themselves. */
export class KnownObjects {
  #versions = new Map<string, Version>();
  #relisted: Map<string, Version> | undefined;

  get size(): number {
    return this.#versions.size;
  }

  /** What follows is a list of all objects, until `finishList`. */
  startList(): void {
    this.#relisted = new Map();
  }

  /** Takes a listed, added or modified object; nothing when this version is known. */
  apply(object: RawObject): readonly ObjectEvent[] {
    const key = rawKey(object);
    const { uid, resourceVersion } = object.metadata;
    const known = this.#versions.get(key);
    const version = { uid, resourceVersion };
    this.#versions.set(key, version);
    this.#relisted?.set(key, version);
    if (known === undefined) return [{ type: 'applied', key, object }];
    if (known.uid === uid && known.resourceVersion === resourceVersion) return [];
    const applied: ObjectEvent = { type: 'applied', key, object };
    // Deleted and created anew while nobody looked: two objects, though they have one name.
    return known.uid === uid ? [applied] : [{ type: 'deleted', key }, applied];
  }

  delete(object: RawObject): readonly ObjectEvent[] {
    const key = rawKey(object);
    this.#relisted?.delete(key);
    return this.#versions.delete(key) ? [{ type: 'deleted', key }] : [];
  }

  /** The objects that were known and are not in the list. */
  finishList(): readonly ObjectEvent[] {
    const gone = [...this.#versions.keys()].filter((key) => this.#relisted?.has(key) === false);
    for (const key of gone) this.#versions.delete(key);
    this.#relisted = undefined;
    return gone.map((key) => ({ type: 'deleted', key }));
  }

  /** The resource itself is gone, and all objects with it. */
  clear(): readonly ObjectEvent[] {
    this.startList();
    return this.finishList();
  }
}
