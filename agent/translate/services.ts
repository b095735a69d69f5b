import { wishAnnotations } from '../../contract/labels.ts';
import { destinationName, endpointsName, type Route, type ServiceRouting } from '../../routing/model.ts';
import type { Service, ServicePort } from '../objects/types.ts';
import { compareAge, compareText, printName } from './compare.ts';
import { createJoin } from './join.ts';
import { Memo } from './memo.ts';
import { hasClusterIP } from './parents.ts';
import { protocolOf, readOpaquePorts } from './protocol.ts';
import type { DestinationRouting, Problem } from './result.ts';
import type { Attachment } from './routes.ts';

/**
 * Returns the translation of Services, and of all routes that attach to them, to destinations, sorted. What follows from
 * unchanged Services and routes stays the same.
 */
export function createServiceTranslation(): (
  services: readonly Service[],
  attachments: readonly Attachment[],
) => readonly DestinationRouting[] {
  const destinations = new Memo<readonly DestinationRouting[]>();
  const routings = new Memo<ServiceRouting>();
  return createJoin({
    keysOf: listPorts,
    keyOf: ({ port }: Attachment) => port,
    compute: (service: Service, attached) =>
      // A number before each group keeps them apart.
      destinations.get(
        service,
        '',
        attached.flatMap((own, index) => [index, ...own]),
        () => tcpPorts(service).flatMap((port, index) => translate(service, port, attached[index] ?? [])),
      ),
    compare: compareRoutings,
  });

  function translate(service: Service, port: ServicePort, attached: readonly Attachment[]): DestinationRouting[] {
    const producers = attached.filter(({ isProducer }) => isProducer);
    const consumers = Map.groupBy(
      attached.filter(({ isProducer }) => !isProducer),
      ({ route }) => route.namespace,
    );
    return [[undefined, producers] as const, ...consumers].flatMap(([clientNamespace, group]) => {
      const sorted = group.map(({ route }) => route).sort(compareRoutes);
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

/** `namespace/service:port` of each port that routes can attach to. */
function listPorts(service: Service): readonly string[] {
  return tcpPorts(service).map(({ port }) => endpointsName(service.meta, port));
}

function tcpPorts(service: Service): readonly ServicePort[] {
  return hasClusterIP(service) ? service.ports.filter(({ protocol }) => protocol === 'TCP') : [];
}

function translatePort(service: Service, port: ServicePort, routes: readonly Route[]): ServiceRouting {
  const { namespace, name } = service.meta;
  const endpoints = endpointsName(service.meta, port.port);
  return { service: { namespace, name }, port: port.port, protocol: protocolOf(service, port), routes, endpoints };
}

function compareRoutings(one: DestinationRouting, other: DestinationRouting): number {
  return (
    compareText(one.destination, other.destination) ||
    compareText(one.clientNamespace ?? '', other.clientNamespace ?? '')
  );
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
        `annotation ${wishAnnotations.opaquePorts} has ${JSON.stringify(item)}; write ports and ranges, 3306,9000-9100`,
    ),
    ...(hasClusterIP(service) && service.clusterIPs.length === 0
      ? ['has no clusterIP, so that no traffic can be told to be for it; give spec.clusterIP']
      : []),
  ];
}
