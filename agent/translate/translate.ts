import type { Endpoints, Route } from '../../routing/model.ts';
import type { EndpointSlice, HTTPRoute, ReferenceGrant, Service } from '../objects/types.ts';
import { compareText, printName } from './compare.ts';
import { translateEndpoints } from './endpoints.ts';
import { keepLast, Memo } from './memo.ts';
import type { DestinationRouting, Problem, RouteStatus, Translation } from './result.ts';
import { createRouteTranslation, type TranslatedRoute } from './routes.ts';
import { createServiceTranslation, type PortRoutes, sortServices } from './services.ts';

/** The objects that routing follows from; their order has no meaning. */
export type TranslationInput = {
  readonly Service: readonly Service[];
  readonly EndpointSlice: readonly EndpointSlice[];
  readonly HTTPRoute: readonly HTTPRoute[];
  readonly ReferenceGrant: readonly ReferenceGrant[];
};

/**
 * Returns the translation from objects to routing, endpoints and statuses: a function of its argument alone, which
 * remembers what it found for objects that did not change. It never throws: bad input becomes a problem, a condition
 * and a backend that answers 500.
 */
export function createTranslation(): (objects: TranslationInput) => Translation {
  const translateRoute = createRouteTranslation();
  const translateService = createServiceTranslation();
  const translateSlices = createEndpointsTranslation();
  const byName = keepLast((services: readonly Service[]) => new Map(services.map((one) => [printName(one.meta), one])));
  const sort = keepLast((services: readonly Service[]) => {
    const { owners, problems } = sortServices(services);
    // What is nearly in order is sorted quickly each time.
    return { owners: owners.toSorted(compareAddresses), problems };
  });
  return (objects) => {
    const context = { services: byName(objects.Service), grants: objects.ReferenceGrant };
    const routes = objects.HTTPRoute.map((route) => translateRoute(route, context));
    const routesByPort = groupRoutes(routes);
    const { owners, problems } = sort(objects.Service);
    return {
      routings: owners.flatMap((service) => translateService(service, routesByPort)).sort(compareRoutings),
      endpoints: translateSlices(objects.Service, objects.EndpointSlice),
      statuses: routes.map(({ status }) => status).sort(compareStatuses),
      problems: [...problems, ...routes.flatMap((route) => route.problems)].sort(compareProblems),
    };
  };
}

/** The endpoints of all Services, sorted; the same list as long as no Service and no slice changes. */
function createEndpointsTranslation(): (
  services: readonly Service[],
  slices: readonly EndpointSlice[],
) => readonly Endpoints[] {
  const endpoints = new Memo<readonly Endpoints[]>();
  return keepLast((services, all) => {
    const slices = groupSlices(all);
    return services
      .filter((service) => service.type !== 'ExternalName')
      .flatMap((service) => {
        const own = slices.get(printName(service.meta)) ?? [];
        return endpoints.get(service, '', own, () => translateEndpoints(service, own));
      })
      .sort((one, other) => compareText(one.name, other.name));
  });
}

/** Routes by `namespace/service:port`; a route of the Service's own namespace is a producer's. */
function groupRoutes(routes: readonly TranslatedRoute[]): ReadonlyMap<string, PortRoutes> {
  const byPort = new Map<string, { producer: Route[]; consumers: Map<string, Route[]> }>();
  for (const { attachments } of routes) {
    for (const { port, isProducer, route } of attachments) {
      let group = byPort.get(port);
      if (group === undefined) byPort.set(port, (group = { producer: [], consumers: new Map() }));
      if (isProducer) group.producer.push(route);
      else group.consumers.set(route.namespace, [...(group.consumers.get(route.namespace) ?? []), route]);
    }
  }
  return byPort;
}

/** Slices by `namespace/service`, sorted by name, so that the same slices are the same list. */
function groupSlices(slices: readonly EndpointSlice[]): ReadonlyMap<string, readonly EndpointSlice[]> {
  const byService = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    if (slice.service === undefined) continue;
    const key = printName({ namespace: slice.meta.namespace, name: slice.service });
    const own = byService.get(key);
    if (own === undefined) byService.set(key, [slice]);
    else own.push(slice);
  }
  for (const own of byService.values()) own.sort((one, other) => compareText(one.meta.name, other.meta.name));
  return byService;
}

function compareAddresses(one: Service, other: Service): number {
  return compareText(one.clusterIPs[0] ?? '', other.clusterIPs[0] ?? '');
}

function compareRoutings(one: DestinationRouting, other: DestinationRouting): number {
  return (
    compareText(one.destination, other.destination) ||
    compareText(one.clientNamespace ?? '', other.clientNamespace ?? '')
  );
}

function compareStatuses(one: RouteStatus, other: RouteStatus): number {
  return compareText(one.namespace, other.namespace) || compareText(one.name, other.name);
}

function compareProblems(one: Problem, other: Problem): number {
  return compareText(one.object, other.object) || compareText(one.message, other.message);
}
