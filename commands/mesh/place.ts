import { NodeZones } from '../../agent/discovery/nodeZones.ts';
import type { Place } from '../../agent/translate/usable.ts';
import type { Mesh } from './mesh.ts';

/** Who calls, as far as it is known: `shop` or `shop/client`. */
export type Client = { readonly namespace: string; readonly pod?: string | undefined; readonly place: Place };

/** Where a pod runs, by its Pod or by the slices that name it; a client of which nothing is known runs nowhere. */
export function findPlace({ objects }: Mesh, namespace: string, pod: string | undefined): Place {
  if (pod === undefined) return {};
  const node = objects.Pod.get(`${namespace}/${pod}`)?.node ?? nodeInSlices(objects, namespace, pod);
  if (node === undefined) return {};
  const zones = new NodeZones();
  zones.update(objects.EndpointSlice, objects.EndpointSlice.keys());
  return { node, zone: zones.get(node) };
}

function nodeInSlices({ EndpointSlice }: Mesh['objects'], namespace: string, pod: string): string | undefined {
  for (const { meta, endpoints } of EndpointSlice.values()) {
    if (meta.namespace !== namespace) continue;
    const found = endpoints.find((one) => one.pod === pod);
    if (found?.node !== undefined) return found.node;
  }
  return undefined;
}
