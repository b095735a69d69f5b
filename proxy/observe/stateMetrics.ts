import type { Family } from './exposition.ts';

/** What the sidecar holds and whom it is connected to, read at each scrape. */
export function stateFamilies(state: {
  readonly subscriber: { readonly connected: boolean };
  readonly table: { readonly size: { readonly destinations: number; readonly groups: number } };
  readonly registry: {
    readonly size: { readonly endpoints: number; readonly connections: number; readonly outliers: number };
  };
}): readonly Family[] {
  const { subscriber, table, registry } = state;
  return [
    gauge('discovery_connected', '1 while the agent answers', () => (subscriber.connected ? 1 : 0)),
    gauge('config_destinations', 'Destinations that are subscribed to', () => table.size.destinations),
    gauge('config_endpoint_groups', 'Endpoint lists that are subscribed to', () => table.size.groups),
    gauge('upstream_endpoints', 'Endpoints in use', () => registry.size.endpoints),
    gauge('upstream_outliers', 'Endpoints that fail again and again', () => registry.size.outliers),
    gauge('upstream_connections', 'HTTP connections open to endpoints', () => registry.size.connections),
  ];
}

function gauge(name: string, help: string, value: () => number): Family {
  return { name, help, type: 'gauge', read: () => [{ labels: {}, value: value() }] };
}
