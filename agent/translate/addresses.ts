import type { Service } from '../objects/types.ts';
import { compareAge } from './compare.ts';
import { Groups } from './groups.ts';

/**
 * Which Services own their ClusterIPs. An address belongs to one Service, the oldest; a Service that has an address of
 * an older one owns none of its own.
 */
export class AddressOwners {
  readonly #claims = new Groups<Service>();
  readonly #twins = new Map<string, Service>();
  readonly #dirty = new Set<string>();

  /** The older Service that keeps an address of this one; undefined where it owns its addresses. */
  twinOf(name: string): Service | undefined {
    return this.#twins.get(name);
  }

  /** Takes a Service as it is now, by its `namespace/name`; undefined when it is gone. */
  set(name: string, service: Service | undefined): void {
    const touch = (): void => {
      for (const address of this.#claims.groupsOf(name))
        for (const [other] of this.#claims.of(address)) this.#dirty.add(other);
    };
    touch();
    if (service === undefined) this.#claims.remove(name);
    else this.#claims.place(name, service, service.clusterIPs);
    touch();
    this.#dirty.add(name);
  }

  /** Decides anew where something changed; returns the Services for which the outcome is another one. */
  settle(): readonly string[] {
    const changed: string[] = [];
    const decided = new Set<string>();
    for (const name of this.#dirty) {
      if (decided.has(name)) continue;
      const together = this.#findTogether(name);
      const owners = new Map<string, Service>();
      const oldestFirst = [...together].sort(([, one], [, other]) => compareAge(one.meta, other.meta));
      for (const [one, service] of oldestFirst) {
        const twin = service.clusterIPs.map((address) => owners.get(address)).find((owner) => owner !== undefined);
        if (twin === undefined) for (const address of service.clusterIPs) owners.set(address, service);
        if (this.#decide(one, twin)) changed.push(one);
        decided.add(one);
      }
      if (!together.has(name) && this.#decide(name, undefined)) changed.push(name);
    }
    this.#dirty.clear();
    return changed;
  }

  #decide(name: string, twin: Service | undefined): boolean {
    if (this.#twins.get(name) === twin) return false;
    if (twin === undefined) this.#twins.delete(name);
    else this.#twins.set(name, twin);
    return true;
  }

  /** All Services whose outcomes hang together with that of one, by `namespace/name`: they share addresses. */
  #findTogether(name: string): ReadonlyMap<string, Service> {
    const found = new Map<string, Service>();
    const waiting = [name];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      for (const address of this.#claims.groupsOf(next)) {
        for (const [other, service] of this.#claims.of(address)) {
          if (found.has(other)) continue;
          found.set(other, service);
          waiting.push(other);
        }
      }
    }
    return found;
  }
}
