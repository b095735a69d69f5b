import { objectKey, routeKinds, type RouteObject } from '../../agent/objects/types.ts';
import { compareText } from '../../agent/translate/compare.ts';
import { readEndpointsName, routeName } from '../../routing/model.ts';
import type { Mesh, MeshPort } from '../mesh/mesh.ts';
import { isParent, whyNotAt } from './whyNotAt.ts';

/** A route that names a Service as its parent, and whether it says anything to a client. */
export type RouteAt = { readonly route: string; readonly applies: boolean; readonly why: string };

/** The routes that mean a Service, those that apply first, as a client of a namespace sees them at one of its ports. */
export function routesAt(mesh: Mesh, port: MeshPort, clientNamespace: string): readonly RouteAt[] {
  const { service } = readEndpointsName(port.name);
  const [namespace = ''] = service.split('/');
  const consumers = clientNamespace !== namespace && port.routings.has(clientNamespace);
  const serving = (client: string | undefined): ReadonlySet<string> =>
    new Set(port.routings.get(client)?.routes.map(routeName));
  const forAll = serving(undefined);
  const forClient = consumers ? serving(clientNamespace) : new Set<string>();
  const routes = meaning(mesh, service);
  return routes
    .map((route): RouteAt => {
      const key = objectKey(route);
      const own = route.meta.namespace;
      const seen = (applies: boolean, why: string): RouteAt => ({ route: key, applies, why });
      if (forClient.has(key))
        return seen(true, `a consumer's: it is in the client's namespace, and for its clients only`);
      if (forAll.has(key) && consumers)
        return seen(false, `a producer's; clients in ${clientNamespace} have routes of their own`);
      if (forAll.has(key))
        return seen(true, "a producer's: it is in the Service's own namespace, and for every client");
      if (own !== namespace && serving(own).has(key)) return seen(false, `a consumer's: it is for clients in ${own}`);
      return seen(false, whyNotAt(mesh, port.name, route, routes));
    })
    .toSorted((one, other) => Number(other.applies) - Number(one.applies) || compareText(one.route, other.route));
}

function meaning({ objects }: Mesh, service: string): readonly RouteObject[] {
  const found: RouteObject[] = [];
  for (const kind of routeKinds)
    for (const route of objects[kind].values())
      if (route.parentRefs.some((ref) => isParent(route, ref, service))) found.push(route);
  return found;
}
