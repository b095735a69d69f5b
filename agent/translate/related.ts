import type { EndpointSlice, ReferenceGrant } from '../objects/types.ts';
import { AddressOwners } from './addresses.ts';
import { ownerOf } from './endpoints.ts';
import { endpointKeys } from './inbound.ts';
import { Groups } from './groups.ts';
import type { ChangedInput, TranslationInput } from './input.ts';
import { grantFacts } from './lookup.ts';

/** What changed objects mean for others that are related to them. */
type Touched = {
  /** Services, by `namespace/name`, whose slices changed. */
  readonly slices: ReadonlySet<string>;
  /** Services that own their addresses now, or do not any more. */
  readonly addresses: readonly string[];
  /** Facts about what may refer to what. */
  readonly grants: ReadonlySet<string>;
  /** Pods, as `inbound.ts` calls them, of whose ports something else may be said. */
  readonly pods: ReadonlySet<string>;
};

/** What belongs together though it stands apart: slices and their Service, grants for a namespace, Services of one address. */
export class RelatedObjects {
  readonly slices = new Groups<EndpointSlice>();
  /** By facts, as `lookup.ts` has them. */
  readonly grants = new Groups<ReferenceGrant>();
  readonly addresses = new AddressOwners();
  /** By the pods in them, as `inbound.ts` calls those. */
  readonly slicesOfPods = new Groups<EndpointSlice>();

  /** Takes the objects as they are now, of which these changed. */
  update(objects: TranslationInput, changed: ChangedInput): Touched {
    const slices = regroup(this.slices, changed.EndpointSlice, (name) => {
      const slice = objects.EndpointSlice.get(name);
      return slice && { item: slice, groups: [ownerOf(slice)] };
    });
    const grants = regroup(this.grants, changed.ReferenceGrant, (name) => {
      const grant = objects.ReferenceGrant.get(name);
      return grant && { item: grant, groups: grantFacts(grant) };
    });
    for (const name of changed.Service) this.addresses.set(name, objects.Service.get(name));
    const pods = new Set(
      regroup(this.slicesOfPods, changed.EndpointSlice, (name) => {
        const slice = objects.EndpointSlice.get(name);
        return slice && { item: slice, groups: endpointKeys(slice) };
      }),
    );
    for (const service of changed.Service) {
      for (const [slice] of this.slices.of(service)) for (const pod of this.slicesOfPods.groupsOf(slice)) pods.add(pod);
    }
    return { slices, addresses: this.addresses.settle(), grants, pods };
  }
}

/** Puts what changed into its groups; returns all groups that it left, joined or stayed in. */
function regroup<T>(
  groups: Groups<T>,
  changed: Iterable<string>,
  find: (name: string) => { readonly item: T; readonly groups: readonly string[] } | undefined,
): ReadonlySet<string> {
  const touched = new Set<string>();
  for (const name of changed) {
    for (const group of groups.groupsOf(name)) touched.add(group);
    const found = find(name);
    if (found === undefined) groups.remove(name);
    else groups.place(name, found.item, found.groups);
    for (const group of groups.groupsOf(name)) touched.add(group);
  }
  return touched;
}
