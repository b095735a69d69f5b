import { type Endpoint, type Endpoints, endpointsName } from '../../routing/model.ts';
import type { EndpointSlice, Service, ServicePort, SliceEndpoint } from '../objects/types.ts';
import { compareText, printName } from './compare.ts';

/** `namespace/service` of a slice; of one without a Service, what no Service is called. */
export function ownerOf({ meta, service = '' }: EndpointSlice): string {
  return printName({ namespace: meta.namespace, name: service });
}

/**
 * The endpoints of each TCP port of a Service, sorted, out of its slices in whatever order. Slices are matched by the
 * port's name, never by its number: a slice holds the target port
 * (https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/).
 */
export function translateEndpoints(service: Service, slices: Iterable<EndpointSlice>): readonly Endpoints[] {
  if (service.type === 'ExternalName') return [];
  const sorted = [...slices].sort((one, other) => compareText(one.meta.name, other.meta.name));
  return service.ports
    .filter((port) => port.protocol === 'TCP')
    .map((port) => ({ name: endpointsName(service.meta, port.port), endpoints: collect(port, sorted) }));
}

function collect(port: ServicePort, slices: readonly EndpointSlice[]): readonly Endpoint[] {
  const merged = new Map<string, Endpoint>();
  for (const slice of slices) {
    if (slice.addressType === 'FQDN') continue;
    const number = slice.ports.find((given) => given.name === port.name && given.protocol === 'TCP')?.port;
    if (number === undefined) continue;
    for (const given of slice.endpoints) {
      // The addresses of one endpoint are interchangeable; the first is the one to use.
      const [address] = given.addresses;
      if (address === undefined) continue;
      const endpoint = translateEndpoint(given, address, number);
      const key = `${address} ${number}`;
      const known = merged.get(key);
      merged.set(key, known === undefined ? endpoint : better(known, endpoint));
    }
  }
  return [...merged.values()].sort(compareEndpoints);
}

/** Conditions that are not given have the defaults of the EndpointSlice API. */
function translateEndpoint(given: SliceEndpoint, address: string, port: number): Endpoint {
  const ready = given.ready ?? true;
  return {
    address,
    port,
    ready,
    serving: given.serving ?? ready,
    terminating: given.terminating ?? false,
    ...(given.pod !== undefined && { pod: given.pod }),
    ...(given.zone !== undefined && { zone: given.zone }),
    ...(given.node !== undefined && { node: given.node }),
  };
}

/** While endpoints move between slices one may be in two of them; the more hopeful entry counts. */
function better(one: Endpoint, other: Endpoint): Endpoint {
  return compareText(rank(one), rank(other)) <= 0 ? one : other;
}

function rank(endpoint: Endpoint): string {
  const { ready, serving, terminating } = endpoint;
  return `${Number(!ready)}${Number(!serving)}${Number(terminating)}${JSON.stringify(endpoint)}`;
}

function compareEndpoints(one: Endpoint, other: Endpoint): number {
  return compareText(one.address, other.address) || one.port - other.port;
}
