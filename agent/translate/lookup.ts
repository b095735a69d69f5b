import type { ReferenceGrant, Service } from '../objects/types.ts';
import type { Read } from './derived.ts';
import type { Groups } from './groups.ts';

/** What the translation of one object looks up in others. */
export type Lookup = {
  /** By `namespace/name`. */
  service(name: string): Service | undefined;
  /** The grants of namespace `to` that say something of objects in namespace `from`. */
  grants(to: string, from: string): readonly ReferenceGrant[];
};

type Known = { readonly Service: ReadonlyMap<string, Service> };

/** Looks into what there is, and says so: what is found is a dependency, and so is what is missing. */
export function lookInto(objects: Known | undefined, grants: Groups<ReferenceGrant>, read: Read): Lookup {
  return {
    service(name) {
      read(serviceFact(name));
      return objects?.Service.get(name);
    },
    grants(to, from) {
      read(grantsFact(to, from));
      return grants.itemsOf(grantsFact(to, from));
    },
  };
}

/** The fact that changes with a Service. */
export function serviceFact(name: string): string {
  return `Service ${name}`;
}

/** The facts that change with a ReferenceGrant. */
export function grantFacts({ meta, from }: ReferenceGrant): readonly string[] {
  return [...new Set(from.map(({ namespace }) => grantsFact(meta.namespace, namespace)))];
}

function grantsFact(to: string, from: string): string {
  return `grants of ${to} to ${from}`;
}
