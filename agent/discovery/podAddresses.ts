import type { Pod } from '../objects/types.ts';
import { Groups } from '../translate/groups.ts';
import type { Identity, Pods } from './identity.ts';

/** Pods by address. An address that several pods have, as on the host's network, says nothing and is left out. */
export class PodAddresses implements Pods {
  readonly #pods = new Groups<Identity>();

  /** Takes the pods as they are now, of which these changed, by `namespace/name`; returns the addresses they have or had. */
  update(pods: ReadonlyMap<string, Pod>, changed: Iterable<string>): ReadonlySet<string> {
    const touched = new Set<string>();
    for (const name of changed) {
      for (const address of this.#pods.groupsOf(name)) touched.add(address);
      const pod = pods.get(name);
      if (pod === undefined) this.#pods.remove(name);
      else this.#pods.place(name, identityOf(pod), pod.podIPs);
      for (const address of this.#pods.groupsOf(name)) touched.add(address);
    }
    return touched;
  }

  /** All pods that have an address. */
  holdersOf(address: string): readonly Identity[] {
    return this.#pods.itemsOf(address);
  }

  get(address: string): Identity | undefined {
    const [first, second] = this.holdersOf(address);
    return second === undefined ? first : undefined;
  }
}

function identityOf({ meta, node }: Pod): Identity {
  return { namespace: meta.namespace, pod: meta.name, ...(node !== undefined && { node }) };
}
