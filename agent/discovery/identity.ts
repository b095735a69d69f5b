import type { status } from '@grpc/grpc-js';
import type { Logger } from '../../runtime/log.ts';
import { canonicalAddress } from '../objects/address.ts';

/** Who is at the other end of a stream. */
export type Identity = {
  readonly namespace: string;
  readonly pod: string;
  /** Where it runs, if that is known. */
  readonly node?: string | undefined;
};

/** Pods by canonical address. */
export type Pods = { get(address: string): Identity | undefined };

/** A stream before anybody knows who opened it: its address, its `authorization` metadata, and a log that names it. */
export type Caller = { readonly peer: string; readonly authorization: string | undefined; readonly log: Logger };

/** Whether a stream is served: if so, as whom, asked again with every change; if not, with what status it ends. */
export type Identified =
  | { readonly ok: true; readonly identityAmong: (pods: Pods) => Identity | undefined }
  | { readonly ok: false; readonly code: status; readonly message: string };

/** Finds out who opened a stream. Never rejects. */
export type Identify = (caller: Caller) => Identified | Promise<Identified>;

/** By the address it comes from, among the pods of the source; a stream of an unknown address is served as nobody's. */
export const identifyByAddress: Identify = ({ peer, log }) => {
  let saidUnknown = false;
  return {
    ok: true,
    identityAmong(pods) {
      const identity = pods.get(peer);
      if (identity === undefined && !saidUnknown) {
        saidUnknown = true;
        log.warn(
          { reason: `no Pod has the address ${peer}; add the Pod with status.podIP: ${peer}` },
          'No Pod has the address of this sidecar: it gets no consumer routes',
        );
      }
      return identity;
    },
  };
};

/** The canonical address in what grpc-js says of a peer: `10.0.0.1:4711`, `::ffff:10.0.0.1:4711`, `fd00::1:4711`. */
export function peerAddress(peer: string): string {
  const host = peer.slice(0, peer.lastIndexOf(':')).replaceAll(/[[\]]/g, '').replace(/%.*$/, '');
  return canonicalAddress(host) ?? host;
}
