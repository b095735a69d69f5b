import { destinationName, endpointsName, type Route, type ServiceRouting } from '../../routing/model.ts';
import type { Service, ServicePort } from '../objects/types.ts';
import { compareAge, compareText, printName } from './compare.ts';
import { Memo } from './memo.ts';
import { hasClusterIP } from './parents.ts';
import { protocolOf, readOpaquePorts } from './protocol.ts';
import type { DestinationRouting, Problem } from './result.ts';

/** The routes at one port of a Service: the producer's and those of each consumer namespace. */
export type PortRoutes = {
  readonly producer: readonly Route[];
  readonly consumers: ReadonlyMap<string, readonly Route[]>;
};

/** Returns the translation of Services to destinations; what follows from unchanged Services and routes stays the same. */
export function createServiceTranslation(): (
  service: Service,
  routes: ReadonlyMap<string, PortRoutes>,
) => readonly DestinationRouting[] {
  const portNames = new Memo<readonly string[]>();
  const destinations = new Memo<readonly DestinationRouting[]>();
  const routings = new Memo<ServiceRouting>();
  return (service, routes) => {
    if (!hasClusterIP(service)) return [];
    const names = portNames.get(service, '', [], () =>
      service.ports.map(({ port, protocol }) => (protocol === 'TCP' ? endpointsName(service.meta, port) : '')),
    );
    const own = names.map((name) => routes.get(name));
    return destinations.get(service, '', own.flatMap(listRoutes), () =>
      service.ports.flatMap((port, index) => (names[index] === '' ? [] : translate(service, port, own[index]))),
    );
  };

  function translate(service: Service, port: ServicePort, routes: PortRoutes | undefined): DestinationRouting[] {
    const groups = [[undefined, routes?.producer ?? []] as const, ...(routes?.consumers ?? [])];
    return groups.flatMap(([clientNamespace, group]) => {
      const sorted = group.toSorted(compareRoutes);
      const routing = routings.get(service, `${port.port} ${clientNamespace ?? ''}`, sorted, () =>
        translatePort(service, port, sorted),
      );
      return service.clusterIPs.map((address) => ({
        destination: destinationName(address, port.port),
        clientNamespace,
        routing,
      }));
    });
  }
}

/** All that a port's destinations are made of, in one list: a number before each group keeps them apart. */
function listRoutes(routes: PortRoutes | undefined, index: number): readonly unknown[] {
  const list: unknown[] = [index];
  if (routes === undefined) return list;
  list.push(...routes.producer);
  for (const group of routes.consumers.values()) list.push(index, ...group);
  return list;
}

function translatePort(service: Service, port: ServicePort, routes: readonly Route[]): ServiceRouting {
  const { namespace, name } = service.meta;
  const endpoints = endpointsName(service.meta, port.port);
  return { service: { namespace, name }, port: port.port, protocol: protocolOf(service, port), routes, endpoints };
}

function compareRoutes(one: Route, other: Route): number {
  return one.createdAtMs - other.createdAtMs || compareText(printName(one), printName(other));
}

/**
 * The Services that own their ClusterIPs, oldest first, and what is wrong with the others: an address belongs to one
 * Service, the oldest.
 */
export function sortServices(services: readonly Service[]): {
  readonly owners: readonly Service[];
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const owners = new Map<string, Service>();
  const sorted = services.toSorted((one, other) => compareAge(one.meta, other.meta));
  const good = sorted.filter((service) => {
    const object = `Service ${printName(service.meta)}`;
    const twin = service.clusterIPs.map((address) => owners.get(address)).find((owner) => owner !== undefined);
    if (twin !== undefined) {
      const message = `has a clusterIP of Service ${printName(twin.meta)}, which keeps it; give another address`;
      problems.push({ object, message });
      return false;
    }
    for (const address of service.clusterIPs) owners.set(address, service);
    problems.push(...findProblems(service).map((message) => ({ object, message })));
    return true;
  });
  return { owners: good, problems };
}

function findProblems(service: Service): readonly string[] {
  const { wrong } = readOpaquePorts(service);
  return [
    ...wrong.map(
      (item) =>
        `annotation heddle.dev/opaque-ports has ${JSON.stringify(item)}; write ports and ranges, 3306,9000-9100`,
    ),
    ...(hasClusterIP(service) && service.clusterIPs.length === 0
      ? ['has no clusterIP, so that no traffic can be told to be for it; give spec.clusterIP']
      : []),
  ];
}
