import type { PlacedEndpoint } from './result.ts';

/**
 * Endpoints with the hints that trafficDistribution has the cluster's controller write
 * (https://kubernetes.io/docs/reference/networking/virtual-ips/#traffic-distribution); those that have some stay as they are.
 */
export function hintAll(
  endpoints: readonly PlacedEndpoint[],
  trafficDistribution: string | undefined,
): readonly PlacedEndpoint[] {
  const toNode = trafficDistribution === 'PreferSameNode';
  // PreferClose is what PreferSameZone was called first.
  if (!toNode && trafficDistribution !== 'PreferSameZone' && trafficDistribution !== 'PreferClose') return endpoints;
  if (endpoints.some(({ zoneHints, nodeHints }) => zoneHints !== undefined || nodeHints !== undefined))
    return endpoints;
  return endpoints.map((endpoint) => ({
    ...endpoint,
    ...(endpoint.zone !== undefined && { zoneHints: [endpoint.zone] }),
    ...(toNode && endpoint.node !== undefined && { nodeHints: [endpoint.node] }),
  }));
}
