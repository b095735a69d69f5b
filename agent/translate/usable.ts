import type { Endpoint, Endpoints } from '../../routing/model.ts';
import type { PlacedEndpoint, ServiceEndpoints } from './result.ts';

/** Where a client runs, as far as it is known. */
export type Place = { readonly node?: string | undefined; readonly zone?: string | undefined };

/** Whether clients at different places may use different endpoints. */
export function dependsOnPlace({ isLocal, endpoints }: ServiceEndpoints): boolean {
  return (
    isLocal === true || endpoints.some(({ zoneHints, nodeHints }) => zoneHints !== undefined || nodeHints !== undefined)
  );
}

/**
 * The endpoints that a client at a place may use: what kube-proxy would choose among on its node
 * (https://kubernetes.io/docs/reference/networking/virtual-ips/), for each address family. Where a client runs that nobody
 * knows, all are. Without any, those that are not ready say so.
 */
export function usableFrom(service: ServiceEndpoints, place: Place): Endpoints {
  const { name, endpoints, sessionAffinityMs, policy, isLocal } = service;
  const isOnNode = isLocal === true && place.node !== undefined;
  const near = isOnNode ? endpoints.filter(({ node }) => node === place.node) : endpoints;
  const usable = new Set(
    [false, true].flatMap((isIPv6) => chooseIn(near.filter(isOf(isIPv6)), isLocal === true ? {} : place)),
  );
  const told = usable.size > 0 ? near.filter((endpoint) => usable.has(endpoint)) : near;
  const isElsewhere = near.length === 0 && endpoints.length > 0;
  return {
    name,
    endpoints: told.map(withoutPlace),
    ...(sessionAffinityMs !== undefined && { sessionAffinityMs }),
    ...(policy !== undefined && { policy }),
    ...(isElsewhere && {
      whyNone: `internalTrafficPolicy is Local, and none of the endpoints of ${name} is on this pod's node`,
    }),
  };
}

function isOf(isIPv6: boolean): (endpoint: Endpoint) => boolean {
  return ({ address }) => address.includes(':') === isIPv6;
}

/** Ready ones, those nearby if hints allow to tell; without any, those that still serve while they terminate. */
function chooseIn(endpoints: readonly PlacedEndpoint[], place: Place): readonly PlacedEndpoint[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  if (ready.length === 0) return endpoints.filter(({ serving, terminating }) => serving && terminating);
  return (
    hinted(ready, place.node, ({ nodeHints }) => nodeHints) ??
    hinted(ready, place.zone, ({ zoneHints }) => zoneHints) ??
    ready
  );
}

/** Those hinted for a place; undefined where some have no hint, as while slices are written anew, or none is for it. */
function hinted(
  ready: readonly PlacedEndpoint[],
  place: string | undefined,
  hintsOf: (endpoint: PlacedEndpoint) => readonly string[] | undefined,
): readonly PlacedEndpoint[] | undefined {
  if (place === undefined || ready.some((endpoint) => hintsOf(endpoint) === undefined)) return undefined;
  const nearby = ready.filter((endpoint) => hintsOf(endpoint)?.includes(place));
  return nearby.length > 0 ? nearby : undefined;
}

/** What a sidecar reads: where an endpoint runs is nobody's business. */
function withoutPlace({ address, port, ready, serving, terminating, pod }: PlacedEndpoint): Endpoint {
  return { address, port, ready, serving, terminating, ...(pod !== undefined && { pod }) };
}
