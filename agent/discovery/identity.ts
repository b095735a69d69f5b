import { canonicalAddress } from '../objects/address.ts';
import type { Pod } from '../objects/types.ts';

/** Who is at the other end of a stream. */
export type Identity = { readonly namespace: string; readonly pod: string };

/** Pods by address. An address that several pods have, as on the host's network, says nothing and is left out. */
export function indexPods(pods: readonly Pod[]): ReadonlyMap<string, Identity> {
  const byAddress = new Map<string, Identity>();
  const shared = new Set<string>();
  for (const { meta, podIPs } of pods) {
    for (const address of podIPs) {
      if (byAddress.has(address)) shared.add(address);
      byAddress.set(address, { namespace: meta.namespace, pod: meta.name });
    }
  }
  for (const address of shared) byAddress.delete(address);
  return byAddress;
}

/** The canonical address in what grpc-js says of a peer: `10.0.0.1:4711`, `::ffff:10.0.0.1:4711`, `fd00::1:4711`. */
export function peerAddress(peer: string): string {
  const host = peer.slice(0, peer.lastIndexOf(':')).replaceAll(/[[\]]/g, '').replace(/%.*$/, '');
  return canonicalAddress(host) ?? host;
}
