import type { SourceEvent } from './source.ts';
import type { Store } from './store.ts';
import { crossesNamespaces, referredServices } from './translate/references.ts';
import { isRoute } from './objects/types.ts';

/**
 * Whether an event can be handed on by itself, without the short wait for what may belong to it: a new or changed
 * route that refers to known Services only. What may still be on its way is the Service or the grant of another
 * route, the route that no longer refers to a Service that is deleted, the slice to which endpoints were moved: each
 * kind has a watch of its own, and they are some milliseconds apart.
 */
export function skipsDebounce(event: SourceEvent, store: Store): boolean {
  if (event.type !== 'applied' || !isRoute(event.object)) return false;
  const route = event.object;
  return !crossesNamespaces(route) && referredServices(route).every((name) => store.has('Service', name));
}
