import { type Endpoints, endpointsName, type Route } from '../../routing/model.ts';
import type { EndpointSlice, HTTPRoute, ReferenceGrant, Service } from '../objects/types.ts';
import { compareText, printName } from './compare.ts';
import { translateEndpoints } from './endpoints.ts';
import { Memo } from './memo.ts';
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
  const endpoints = new Memo<readonly Endpoints[]>();
  return (objects) => {
    const services = new Map(objects.Service.map((service) => [printName(service.meta), service]));
    const context = { services, grants: objects.ReferenceGrant };
    const routes = objects.HTTPRoute.map((route) => translateRoute(route, context));
    const routesByPort = groupRoutes(routes);
    const slices = groupSlices(objects.EndpointSlice);
    const { owners, problems } = sortServices(objects.Service);
    return {
      routings: owners
        .flatMap((service) => translateService(service, (port) => routesByPort.get(endpointsName(service.meta, port))))
        .sort(compareRoutings),
      endpoints: objects.Service.filter((service) => service.type !== 'ExternalName')
        .flatMap((service) => {
          const own = slices.get(printName(service.meta)) ?? [];
          return endpoints.get(service, '', own, () => translateEndpoints(service, own));
        })
        .sort((one, other) => compareText(one.name, other.name)),
      statuses: routes.map(({ status }) => status).sort(compareStatuses),
      problems: [...problems, ...routes.flatMap((route) => route.problems)].sort(compareProblems),
    };
  };
}

/** Routes by `namespace/service:port`; a route of the Service's own namespace is a producer's. */
function groupRoutes(routes: readonly TranslatedRoute[]): ReadonlyMap<string, PortRoutes> {
  const byPort = new Map<string, { producer: Route[]; consumers: Map<string, Route[]> }>();
  for (const { service, port, route } of routes.flatMap(({ attachments }) => attachments)) {
    const key = endpointsName(service, port);
    const group = byPort.get(key) ?? { producer: [], consumers: new Map<string, Route[]>() };
    byPort.set(key, group);
    if (route.namespace === service.namespace) group.producer.push(route);
    else group.consumers.set(route.namespace, [...(group.consumers.get(route.namespace) ?? []), route]);
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

function compareRoutings(one: DestinationRouting, other: DestinationRouting): number {
  return (
    compareText(one.destination, other.destination) ||
    compareText(one.clientNamespace ?? '', other.clientNamespace ?? '')
  );
}

function compareStatuses(one: RouteStatus, other: RouteStatus): number {
  return compareText(printName(one), printName(other));
}

function compareProblems(one: Problem, other: Problem): number {
  return compareText(one.object, other.object) || compareText(one.message, other.message);
}
