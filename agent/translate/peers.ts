import type { Peer } from '../../routing/model.ts';
import type { EndpointSlice } from '../objects/types.ts';
import { Groups } from './groups.ts';

const none: ReadonlySet<string> = new Set<string>();

/** Whose an address is in one place where it stands; undefined: not a pod's, as far as is said there. */
export type Holder = Peer | undefined;

/**
 * What EndpointSlices say of whose an address is. The index is made when somebody first asks, which is after a sidecar has
 * been called: an agent's start does not wait for it.
 */
export class SlicesByAddress {
  #slices: Groups<EndpointSlice> | undefined;

  /** Takes the slices as they are now, of which these changed; returns the addresses that may be another's now. */
  update(slices: ReadonlyMap<string, EndpointSlice>, changed: Iterable<string>): ReadonlySet<string> {
    const known = this.#slices;
    if (known === undefined) return none;
    const touched = new Set<string>();
    for (const name of changed) {
      for (const address of known.groupsOf(name)) touched.add(address);
      const slice = slices.get(name);
      if (slice === undefined) known.remove(name);
      else known.place(name, slice, addressesOf(slice));
      for (const address of known.groupsOf(name)) touched.add(address);
    }
    return touched;
  }

  /** Whose it is wherever it stands. `slices` are all, as they are now. */
  holdersOf(address: string, slices: ReadonlyMap<string, EndpointSlice>): readonly Holder[] {
    if (this.#slices === undefined) {
      this.#slices = new Groups();
      for (const [name, slice] of slices) this.#slices.place(name, slice, addressesOf(slice));
    }
    return this.#slices
      .itemsOf(address)
      .flatMap(({ meta, endpoints }) =>
        endpoints
          .filter(({ addresses }) => addresses.includes(address))
          .map(({ pod }) => (pod === undefined ? undefined : { namespace: meta.namespace, pod })),
      );
  }
}

/** The one pod that all of them mean: an address that is a node's, or of several pods on it, says nothing. */
export function onlyHolder(holders: readonly Holder[]): Peer | undefined {
  const [first, ...others] = holders;
  if (first === undefined) return undefined;
  const isSame = (one: Holder): boolean => one?.namespace === first.namespace && one.pod === first.pod;
  return others.every(isSame) ? first : undefined;
}

function addressesOf({ addressType, endpoints }: EndpointSlice): readonly string[] {
  return addressType === 'FQDN' ? [] : [...new Set(endpoints.flatMap(({ addresses }) => addresses))];
}
