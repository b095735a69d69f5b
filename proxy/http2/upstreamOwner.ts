import type { PingTimes } from './lifeSigns.ts';

/** Where an upstream connection belongs. */
export interface UpstreamOwner<Connection> {
  readonly idleTimeoutMs: number;
  readonly pings: PingTimes;
  /** What a connection is given as long as its server has not said how much it takes. */
  readonly firstStreams: number;
  /** Its server has said that it takes `most` at a time. */
  onSettled(upstream: Connection, most: number): void;
  /** It takes another request, or may be done. */
  onRoom(upstream: Connection): void;
  /** It takes no further requests: it is closed, or about to be. */
  onUsedUp(upstream: Connection): void;
  /** It is closed. */
  onGone(upstream: Connection): void;
}
