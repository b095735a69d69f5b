import type { Protocol } from '../../routing/model.ts';
import type { Upstream } from '../message/interfaces.ts';
import type { Connection } from '../socket/connection.ts';
import type { Places } from './places.ts';

/** The protocols in which requests can be sent to an endpoint. */
export type UpstreamProtocol = 'http1' | 'http2';

/** What of that a decision says; `asReceived`: the protocol in which the request came. */
export type ForwardProtocol = UpstreamProtocol | 'asReceived';

/** In which protocol a route's requests are sent to endpoints that speak `protocol`; undefined: in none that is known here. */
export const upstreamProtocols = {
  // Who calls knows what it calls: it would speak so without a mesh as well.
  detect: 'asReceived',
  http1: 'http1',
  // Whoever sends requests to an opaque port by a route says that it takes them.
  opaque: 'asReceived',
  http2: 'http2',
  tls: undefined,
} as const satisfies Record<Protocol, ForwardProtocol | undefined>;

export type ConnectionLimits = {
  /** Connections to one endpoint; more requests wait. */
  readonly maxConnections: number;
  /** Requests that may wait for a connection; more are refused. */
  readonly maxWaiting: number;
  readonly connectTimeoutMs: number;
  /** An unused connection is closed after this long. */
  readonly idleTimeoutMs: number;
};

/** Something that waits for a connection for one request. */
export interface ConnectionWaiter {
  onUpstream(upstream: Upstream): void;
}

/**
 * What is asked for: `pooled`, any connection that stands; `fresh`, a new one whatever the limit, for a request whose pooled
 * connection proved dead.
 */
export type Wanted = 'pooled' | 'fresh';

/** The connections to one endpoint in one protocol. */
export interface Connections {
  /** How many are open or being opened. */
  readonly open: number;
  /** One for one request, or undefined when the limit is reached: then `wait`. */
  take(wanted: Wanted): Upstream | undefined;
  /** False when too many wait already. */
  wait(waiter: ConnectionWaiter): boolean;
  stopWaiting(waiter: ConnectionWaiter): void;
  /** Closes idle connections now and the others when their requests are done. */
  retire(): void;
}

/** Starts a connection to an endpoint; calls back once it stands. */
export type Dial = (onConnect: () => void) => Connection;

/** How the connections of each protocol are made. */
export type ConnectionsByProtocol = Readonly<Record<UpstreamProtocol, (dial: Dial, places: Places) => Connections>>;
