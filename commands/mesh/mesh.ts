import type { KubernetesObject } from '../../agent/objects/types.ts';
import { type Objects, Store } from '../../agent/store.ts';
import { printName } from '../../agent/translate/compare.ts';
import type { Change } from '../../agent/translate/derived.ts';
import type { RouteStatus, ServiceEndpoints } from '../../agent/translate/result.ts';
import { Translation } from '../../agent/translate/translate.ts';
import { endpointsName, type ServiceRouting } from '../../routing/model.ts';
import { giveAddresses } from './giveAddresses.ts';

/** One port of a Service as the agent would tell sidecars of it. */
export type MeshPort = {
  /** `namespace/service:port`. */
  readonly name: string;
  readonly addresses: readonly string[];
  /** What clients of a namespace get that has consumer routes; undefined: all others. */
  readonly routings: ReadonlyMap<string | undefined, ServiceRouting>;
};

/** All that follows from objects, by the translation of the agent. */
export type Mesh = {
  readonly objects: Objects;
  /** By `namespace/service:port`. */
  readonly ports: ReadonlyMap<string, MeshPort>;
  /** By `namespace/service:port`. */
  readonly endpoints: ReadonlyMap<string, ServiceEndpoints>;
  /** By `HTTPRoute shop/cart`. */
  readonly statuses: ReadonlyMap<string, RouteStatus>;
  /** By `Service shop/cart`. */
  readonly problems: ReadonlyMap<string, readonly string[]>;
  /** `namespace/service` whose endpoints are known: in files, those that a slice names. */
  readonly known: (service: string) => boolean;
};

/**
 * Translates objects as an agent that reads them at its start. `live`: the Services, `namespace/name`, whose endpoints are all
 * there is in a cluster; of others, which stand in files, none are known where no slice names them.
 */
export function translateObjects(given: readonly KubernetesObject[], live: ReadonlySet<string>): Mesh {
  const store = new Store();
  for (const object of giveAddresses(given)) store.apply({ type: 'applied', object });
  const { objects } = store;
  const changes = new Translation().update(objects, store.takeChanged());
  const ports = new Map<
    string,
    { name: string; addresses: Set<string>; routings: Map<string | undefined, ServiceRouting> }
  >();
  for (const { after } of changes.routings) {
    if (after === undefined) continue;
    const { routing, clientNamespace, destination } = after;
    const name = endpointsName(routing.service, routing.port);
    const port = ports.get(name) ?? { name, addresses: new Set(), routings: new Map() };
    ports.set(name, port);
    port.addresses.add(destination);
    port.routings.set(clientNamespace, routing);
  }
  const sliced = new Set(
    objects.EndpointSlice.values().map(({ meta, service }) => `${meta.namespace}/${service ?? ''}`),
  );
  return {
    objects,
    ports: new Map(ports.values().map((port) => [port.name, { ...port, addresses: [...port.addresses] }])),
    endpoints: valuesOf(changes.endpoints),
    statuses: valuesOf(changes.statuses),
    problems: valuesOf(changes.problems),
    known: (service) => live.has(service) || sliced.has(service),
  };
}

/** The names of all Services, `namespace/name`. */
export function serviceNames(objects: readonly KubernetesObject[]): ReadonlySet<string> {
  return new Set(objects.flatMap(({ kind, meta }) => (kind === 'Service' ? [printName(meta)] : [])));
}

/** What clients of a namespace are told of a port. */
export function routingFor(port: MeshPort, clientNamespace: string): ServiceRouting {
  const routing = port.routings.get(clientNamespace) ?? port.routings.get(undefined);
  if (routing === undefined) throw new Error(`${port.name} has no routing`);
  return routing;
}

function valuesOf<V>(changes: readonly Change<V>[]): ReadonlyMap<string, V> {
  const values = new Map<string, V>();
  for (const { key, after } of changes) if (after !== undefined) values.set(key, after);
  return values;
}
