import type { Pod } from '../objects/types.ts';
import { Groups } from '../translate/groups.ts';
import type { Identity, Pods } from './identity.ts';

/** Pods by address. An address that several pods have, as on the host's network, says nothing and is left out. */
export class PodAddresses implements Pods {
  readonly #pods = new Groups<Identity>();

  /** Takes the pods as they are now, of which these changed, by `namespace/name`. */
  update(pods: ReadonlyMap<string, Pod>, changed: Iterable<string>): void {
    for (const name of changed) {
      const pod = pods.get(name);
      if (pod === undefined) this.#pods.remove(name);
      else this.#pods.place(name, identityOf(pod), pod.podIPs);
    }
  }

  get(address: string): Identity | undefined {
    const [first, second] = this.#pods.itemsOf(address);
    return second === undefined ? first : undefined;
  }
}

function identityOf({ meta, node }: Pod): Identity {
  return { namespace: meta.namespace, pod: meta.name, ...(node !== undefined && { node }) };
}
