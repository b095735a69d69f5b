import type { Context } from '../context.ts';
import type { Reading } from '../reading.ts';
import type { BackendRef } from '../route.ts';
import { inNamespace } from '../services.ts';
import { readHeaders } from './headers.ts';
import { findService } from './parents.ts';
import type { Subsets } from './subsets.ts';

/** How the destinations of a VirtualService become backends. */
export type Destinations = {
  readonly context: Context;
  readonly subsets: Subsets;
  /** Of the VirtualService. */
  readonly namespace: string;
};

/** The Service, or the Service of the subset, and port of a destination. Undefined, and told, where it is none. */
export function readDestination({ context, subsets, namespace }: Destinations, read: Reading): BackendRef | undefined {
  const written = read.at('host');
  const host = written.text();
  const service = findService(context, host ?? '', namespace);
  if (service === undefined) {
    written.lost('a backend is a Service of the cluster');
    return undefined;
  }
  const named = read.at('subset');
  const subset = named.text();
  const given = read.at('port').at('number').number();
  const port = given ?? context.services.port(service.namespace, service.name);
  if (port === undefined)
    read.lost(
      `port 80 of Service ${service.namespace}/${service.name} is assumed: a backend of a route names its port`,
    );
  const name = subset === undefined ? service.name : subsets.use(service, subset, named);
  return { ...inNamespace(service.namespace, namespace), name, port: port ?? 80 };
}

/** The backends of a route, with their weights and what is done with headers. */
export function readRoute(destinations: Destinations, route: Reading): readonly BackendRef[] {
  const items = route.items();
  return items.flatMap((item) => {
    const ref = readDestination(destinations, item.at('destination'));
    const weight = item.at('weight').number();
    const filters = readHeaders(item.at('headers'));
    if (ref === undefined) return [];
    // One alone has all of it, whatever it says; beside others, none said is none.
    const share = items.length === 1 ? undefined : (weight ?? 0);
    return [{ ...ref, ...(share !== undefined && { weight: share }), ...(filters.length > 0 && { filters }) }];
  });
}
