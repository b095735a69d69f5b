import { endpointsName, type Inbound, type Protocol } from '../../routing/model.ts';
import type { EndpointSlice, Service } from '../objects/types.ts';
import { compareText, printName } from './compare.ts';
import { ownerOf, targetPort } from './endpoints.ts';
import { protocolOf } from './protocol.ts';

/** A pod, and its addresses as far as they are known. */
export type PodPlace = { readonly namespace: string; readonly pod: string; readonly addresses: readonly string[] };

/** What slices are found by: `namespace/pod` of each endpoint, or its address where no pod is named. */
export function endpointKeys({ meta, endpoints }: EndpointSlice): readonly string[] {
  const { namespace } = meta;
  const names = endpoints.map(({ pod, addresses: [address = ''] }) => pod ?? address);
  return [...new Set(names)].map((name) => printName({ namespace, name }));
}

/** The same for one pod. */
export function podKeys({ namespace, pod, addresses }: PodPlace): readonly string[] {
  return [pod, ...addresses].map((name) => printName({ namespace, name }));
}

/**
 * The ports of a pod as the Services of its namespace declare them that have it among their endpoints; those of another
 * namespace have no say. A port of which Services say different things is left out, as one of which none says anything.
 */
export function translateInbound(
  place: PodPlace,
  slices: Iterable<EndpointSlice>,
  findService: (name: string) => Service | undefined,
): Inbound {
  const said = new Map<number, Map<Protocol, Set<string>>>();
  for (const slice of slices) {
    const service = findService(ownerOf(slice));
    if (service === undefined || service.type === 'ExternalName' || !hasPod(slice, place)) continue;
    for (const port of service.ports) {
      const number = port.protocol === 'TCP' ? targetPort(slice, port) : undefined;
      const protocol = protocolOf(service, port);
      if (number === undefined || protocol === 'detect') continue;
      const byProtocol = said.get(number) ?? new Map<Protocol, Set<string>>();
      const names = byProtocol.get(protocol) ?? new Set();
      said.set(number, byProtocol.set(protocol, names.add(endpointsName(service.meta, port.port))));
    }
  }
  const ports = [...said].flatMap(([port, byProtocol]) =>
    byProtocol.size > 1
      ? []
      : [...byProtocol].map(([protocol, names]) => ({ port, protocol, declaredBy: [...names].toSorted(compareText) })),
  );
  return { ports: ports.toSorted((one, other) => one.port - other.port) };
}

function hasPod({ meta, endpoints }: EndpointSlice, { namespace, pod, addresses }: PodPlace): boolean {
  if (meta.namespace !== namespace) return false;
  return endpoints.some((one) =>
    one.pod === undefined ? addresses.includes(one.addresses[0] ?? '') : one.pod === pod,
  );
}
