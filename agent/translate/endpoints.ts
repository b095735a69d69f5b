import { type Endpoint, endpointsName } from '../../routing/model.ts';
import type { EndpointSlice, Service, ServicePort, SliceEndpoint } from '../objects/types.ts';
import { compareText, printName } from './compare.ts';
import { readEndpointPolicy } from './endpointPolicy.ts';
import { orNone } from './none.ts';
import type { PlacedEndpoint, ServiceEndpoints } from './result.ts';
import { hintAll } from './trafficDistribution.ts';

/** `namespace/service` of a slice; of one without a Service, what no Service is called. */
export function ownerOf({ meta, service = '' }: EndpointSlice): string {
  return printName({ namespace: meta.namespace, name: service });
}

/**
 * The endpoints of each TCP port of a Service, sorted, out of its slices in whatever order. Slices are matched by the
 * port's name, never by its number: a slice holds the target port
 * (https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/).
 */
export function translateEndpoints(service: Service, slices: Iterable<EndpointSlice>): readonly ServiceEndpoints[] {
  if (service.type === 'ExternalName') return [];
  const sorted = [...slices].sort((one, other) => compareText(one.meta.name, other.meta.name));
  return service.ports
    .filter((port) => port.protocol === 'TCP')
    .map((port) => translatePortEndpoints(service, port, sorted));
}

function translatePortEndpoints(
  service: Service,
  port: ServicePort,
  slices: readonly EndpointSlice[],
): ServiceEndpoints {
  const { isLocal, sessionAffinityMs, trafficDistribution } = service;
  const { policy } = readEndpointPolicy(service);
  return {
    name: endpointsName(service.meta, port.port),
    endpoints: hintAll(collect(service, port, slices), trafficDistribution),
    ...(isLocal && { isLocal }),
    ...(sessionAffinityMs !== undefined && { sessionAffinityMs }),
    ...(policy !== undefined && { policy }),
  };
}

function collect(service: Service, port: ServicePort, slices: readonly EndpointSlice[]): readonly PlacedEndpoint[] {
  const found: PlacedEndpoint[] = [];
  for (const slice of slices) {
    const number = targetPort(slice, port);
    if (number === undefined) continue;
    for (const given of slice.endpoints) {
      // The addresses of one endpoint are interchangeable; the first is the one to use.
      const [address] = given.addresses;
      if (address === undefined) continue;
      found.push(translateEndpoint(service, given, { address, port: number }));
    }
  }
  return orNone(mergeSame(found.sort(compareEndpoints)));
}

/** The number that a port of a Service has at the endpoints of a slice; undefined where they do not have it. */
export function targetPort({ addressType, ports }: EndpointSlice, { name }: ServicePort): number | undefined {
  if (addressType === 'FQDN') return undefined;
  return ports.find((given) => given.name === name && given.protocol === 'TCP')?.port;
}

/** Conditions that are not given have the defaults of the EndpointSlice API. */
function translateEndpoint(
  { publishNotReadyAddresses }: Service,
  given: SliceEndpoint,
  where: Pick<Endpoint, 'address' | 'port'>,
): PlacedEndpoint {
  const { ready = true, terminating = false, pod, zone, node, zoneHints, nodeHints } = given;
  return {
    ...where,
    // On a cluster the slices say so themselves; in a folder nobody has written them anew.
    ready: ready || publishNotReadyAddresses,
    serving: given.serving ?? ready,
    terminating,
    ...(pod !== undefined && { pod }),
    ...(zone !== undefined && { zone }),
    ...(node !== undefined && { node }),
    ...(zoneHints.length > 0 && { zoneHints }),
    ...(nodeHints.length > 0 && { nodeHints }),
  };
}

/** While endpoints move between slices one may be in two of them; the more hopeful entry counts. They come sorted. */
function mergeSame(sorted: readonly PlacedEndpoint[]): readonly PlacedEndpoint[] {
  const isSame = (one: PlacedEndpoint, at: number): boolean => {
    const before = sorted[at - 1];
    return before !== undefined && compareEndpoints(before, one) === 0;
  };
  if (!sorted.some(isSame)) return sorted;
  const merged: PlacedEndpoint[] = [];
  for (const [at, endpoint] of sorted.entries()) {
    const known = isSame(endpoint, at) ? merged.pop() : undefined;
    merged.push(known === undefined ? endpoint : better(known, endpoint));
  }
  return merged;
}

function better(one: PlacedEndpoint, other: PlacedEndpoint): PlacedEndpoint {
  return compareText(rank(one), rank(other)) <= 0 ? one : other;
}

function rank(endpoint: Endpoint): string {
  const { ready, serving, terminating } = endpoint;
  return `${Number(!ready)}${Number(!serving)}${Number(terminating)}${JSON.stringify(endpoint)}`;
}

function compareEndpoints(one: Endpoint, other: Endpoint): number {
  return compareText(one.address, other.address) || one.port - other.port;
}
