import type { RouteObject } from '../objects/types.ts';
import { printName } from './compare.ts';
import { listBackendRefs } from './routeKinds.ts';

/** `namespace/name` of what a parentRef or backendRef of a route means. */
export function referredName(route: RouteObject, ref: { namespace: string | undefined; name: string }): string {
  return printName({ namespace: ref.namespace ?? route.meta.namespace, name: ref.name });
}

/** Whether it refers to backends of another namespace, which is a ReferenceGrant's to allow. */
export function crossesNamespaces(route: RouteObject): boolean {
  const own = route.meta.namespace;
  return listBackendRefs(route).some(({ namespace = own }) => namespace !== own);
}

/** `namespace/name` of all that it refers to, each once: Services, or what is no Service. */
export function referredServices(route: RouteObject): readonly string[] {
  const refs = [...route.parentRefs, ...listBackendRefs(route)];
  return [...new Set(refs.map((ref) => referredName(route, ref)))];
}
