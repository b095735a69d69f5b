import type { Kind, KubernetesObject } from './objects/types.ts';
import type { SourceEvent } from './source.ts';

/** All objects by kind and `namespace/name`, as they are at the moment: the maps change with each event. */
export type Objects = { readonly [K in Kind]: ReadonlyMap<string, Extract<KubernetesObject, { kind: K }>> };

/** `namespace/name` of the objects that came, changed or went, by kind. */
export type ChangedNames = Readonly<Record<Kind, ReadonlySet<string>>>;

/** The objects that a source has told us of, and which of them changed since somebody asked. */
export class Store {
  readonly #byKind = {
    Service: new Map(),
    Pod: new Map(),
    EndpointSlice: new Map(),
    HTTPRoute: new Map(),
    GRPCRoute: new Map(),
    TLSRoute: new Map(),
    TCPRoute: new Map(),
    UDPRoute: new Map(),
    ReferenceGrant: new Map(),
  } satisfies Objects;
  #changed = noNames();

  get objects(): Objects {
    return this.#byKind;
  }

  /** Takes one event; true when it changed anything. */
  apply(event: SourceEvent): boolean {
    if (event.type === 'listed' || event.type === 'completeness') return false;
    const { kind, meta } = event.object;
    const objects: Map<string, KubernetesObject> = this.#byKind[kind];
    const name = `${meta.namespace}/${meta.name}`;
    const known = objects.get(name);
    if (event.type === 'deleted' ? known === undefined : known === event.object) return false;
    if (event.type === 'deleted') objects.delete(name);
    else objects.set(name, event.object);
    this.#changed[kind].add(name);
    return true;
  }

  /** Whether there is an object of that kind by its `namespace/name`. */
  has(kind: Kind, name: string): boolean {
    return this.#byKind[kind].has(name);
  }

  /** What changed since the last call. */
  takeChanged(): ChangedNames {
    const changed = this.#changed;
    this.#changed = noNames();
    return changed;
  }
}

function noNames(): Record<Kind, Set<string>> {
  return {
    Service: new Set(),
    Pod: new Set(),
    EndpointSlice: new Set(),
    HTTPRoute: new Set(),
    GRPCRoute: new Set(),
    TLSRoute: new Set(),
    TCPRoute: new Set(),
    UDPRoute: new Set(),
    ReferenceGrant: new Set(),
  };
}
