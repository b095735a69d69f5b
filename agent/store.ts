import type { Kind, KubernetesObject } from './objects/types.ts';
import type { SourceEvent } from './source.ts';

/**
 * All objects by kind. A list keeps its identity as long as no object of its kind changes, an object its place as long
 * as none before it goes.
 */
export type Objects = { readonly [K in Kind]: readonly Extract<KubernetesObject, { kind: K }>[] };

/** The objects that a source has told us of. */
export class Store {
  readonly #byKind = {
    Service: new Map<string, KubernetesObject>(),
    Pod: new Map<string, KubernetesObject>(),
    EndpointSlice: new Map<string, KubernetesObject>(),
    HTTPRoute: new Map<string, KubernetesObject>(),
    ReferenceGrant: new Map<string, KubernetesObject>(),
  } satisfies Readonly<Record<Kind, unknown>>;
  #lists: Objects = { Service: [], Pod: [], EndpointSlice: [], HTTPRoute: [], ReferenceGrant: [] };
  readonly #stale = new Set<Kind>();

  /** Takes one event; true when it changed anything. */
  apply(event: SourceEvent): boolean {
    if (event.type === 'listed' || event.type === 'completeness') return false;
    const { kind, meta } = event.object;
    const objects = this.#byKind[kind];
    const key = `${meta.namespace}/${meta.name}`;
    const known = objects.get(key);
    if (event.type === 'deleted' ? known === undefined : known === event.object) return false;
    if (event.type === 'deleted') objects.delete(key);
    else objects.set(key, event.object);
    this.#stale.add(kind);
    return true;
  }

  /** Whether there is an object of that kind by its `namespace/name`. */
  has(kind: Kind, name: string): boolean {
    return this.#byKind[kind].has(name);
  }

  snapshot(): Objects {
    if (this.#stale.size === 0) return this.#lists;
    const fresh = Array.from(this.#stale, (kind) => [kind, [...this.#byKind[kind].values()]]);
    this.#stale.clear();
    // `apply` put each object under its own kind.
    this.#lists = { ...this.#lists, ...(Object.fromEntries(fresh) as Partial<Objects>) };
    return this.#lists;
  }
}
