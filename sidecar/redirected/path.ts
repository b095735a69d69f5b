import type { Destination } from '../../proxy/table/destination.ts';

/** Where a connection was going before it was redirected. */
export type Original = { readonly address: string; readonly port: number };

/**
 * The way of one redirected connection. Outbound ones have a `destination`, whose routing counts for every request anew;
 * without a routing, and inbound, the way leads straight to the original destination.
 */
export type Path = {
  readonly direction: 'outbound' | 'inbound';
  readonly original: Original;
  readonly destination: Destination | undefined;
  /** Address of whoever called; of inbound ones. */
  readonly peer: string | undefined;
  /** Source address towards the sidecar's own application. */
  readonly localAddress: string | undefined;
};
