import { type Kind, type KubernetesObject, objectKey } from './objects/types.ts';
import type { SourceEvent } from './source.ts';

/** All objects by kind. A list keeps its identity as long as no object of its kind changes. */
export type Objects = { readonly [K in Kind]: readonly Extract<KubernetesObject, { kind: K }>[] };

const kinds = ['Service', 'Pod', 'EndpointSlice', 'HTTPRoute', 'ReferenceGrant'] as const satisfies readonly Kind[];

/** The objects that a source has told us of. */
export class Store {
  readonly #byKey = new Map<string, KubernetesObject>();
  #snapshot: Objects | undefined;
  #stale = new Set<Kind>(kinds);

  /** Takes one event; true when it changed anything. */
  apply(event: SourceEvent): boolean {
    if (event.type === 'listed' || event.type === 'completeness') return false;
    const key = objectKey(event.object);
    const known = this.#byKey.get(key);
    if (event.type === 'deleted' ? known === undefined : known === event.object) return false;
    if (event.type === 'deleted') this.#byKey.delete(key);
    else this.#byKey.set(key, event.object);
    this.#stale.add(event.object.kind);
    return true;
  }

  snapshot(): Objects {
    const before = this.#snapshot;
    if (before !== undefined && this.#stale.size === 0) return before;
    const fresh: Record<Kind, KubernetesObject[]> = {
      Service: [],
      Pod: [],
      EndpointSlice: [],
      HTTPRoute: [],
      ReferenceGrant: [],
    };
    for (const object of this.#byKey.values()) if (this.#stale.has(object.kind)) fresh[object.kind].push(object);
    const lists = kinds.map((kind) => [kind, this.#stale.has(kind) ? fresh[kind] : before?.[kind]]);
    this.#stale = new Set();
    // The loop above put each object under its own kind.
    this.#snapshot = Object.fromEntries(lists) as Objects;
    return this.#snapshot;
  }
}
