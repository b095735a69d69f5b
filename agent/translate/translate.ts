import type { EndpointSlice, HTTPRoute, ReferenceGrant, Service } from '../objects/types.ts';
import { compareText, printName } from './compare.ts';
import { createEndpointsTranslation } from './endpoints.ts';
import { keepLast } from './memo.ts';
import type { Problem, RouteStatus, Translation } from './result.ts';
import { createRouteTranslation, type RouteContext, type TranslatedRoute } from './routes.ts';
import { createServiceTranslation, sortServices } from './services.ts';

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
  const translateServices = createServiceTranslation();
  const translateSlices = createEndpointsTranslation();
  const findContext = keepLast((services: readonly Service[], grants: readonly ReferenceGrant[]) => ({
    services: new Map(services.map((one) => [printName(one.meta), one])),
    grants,
  }));
  const translateRoutes = keepLast((routes: readonly HTTPRoute[], context: RouteContext) =>
    routes.map((route) => translateRoute(route, context)),
  );
  const sort = keepLast((services: readonly Service[]) => {
    const { owners, problems } = sortServices(services);
    // What is nearly in order is sorted quickly each time.
    return { owners: owners.toSorted(compareAddresses), problems };
  });
  const listAttachments = keepLast((routes: readonly TranslatedRoute[]) =>
    routes.flatMap((route) => route.attachments),
  );
  const listStatuses = keepLast((routes: readonly TranslatedRoute[]) =>
    routes.map(({ status }) => status).sort(compareStatuses),
  );
  const listProblems = keepLast((problems: readonly Problem[], routes: readonly TranslatedRoute[]) =>
    [...problems, ...routes.flatMap((route) => route.problems)].sort(compareProblems),
  );
  return (objects) => {
    const routes = translateRoutes(objects.HTTPRoute, findContext(objects.Service, objects.ReferenceGrant));
    const { owners, problems } = sort(objects.Service);
    return {
      routings: translateServices(owners, listAttachments(routes)),
      endpoints: translateSlices(objects.Service, objects.EndpointSlice),
      statuses: listStatuses(routes),
      problems: listProblems(problems, routes),
    };
  };
}

function compareAddresses(one: Service, other: Service): number {
  return compareText(one.clusterIPs[0] ?? '', other.clusterIPs[0] ?? '');
}

function compareStatuses(one: RouteStatus, other: RouteStatus): number {
  return compareText(one.namespace, other.namespace) || compareText(one.name, other.name);
}

function compareProblems(one: Problem, other: Problem): number {
  return compareText(one.object, other.object) || compareText(one.message, other.message);
}
