import type { KubernetesObject, Service } from '../../agent/objects/types.ts';
import { hasClusterIP } from '../../agent/translate/parents.ts';

/**
 * The objects, each Service that needs one with an address: in manifests nobody writes a ClusterIP, the cluster gives one.
 * Those of 240.0.0.0/4 are nobody's (RFC 1112), and are shown to nobody.
 */
export function giveAddresses(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  let given = 0;
  return objects.map((object) => {
    if (object.kind !== 'Service' || object.clusterIPs.length > 0 || !hasClusterIP(object)) return object;
    given += 1;
    const service: Service = { ...object, clusterIPs: [`240.${given >> 16}.${(given >> 8) & 255}.${given & 255}`] };
    return service;
  });
}

/** Whether it is one of these. */
export function isGiven(destination: string): boolean {
  return destination.startsWith('240.');
}
