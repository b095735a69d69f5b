import type { Downstream, Held, RequestReceiver, Upgraded, UpgradeEnd } from '../message/interfaces.ts';
import type { RequestHead } from '../message/head.ts';
import type { RefusedLine } from './refusedLine.ts';
import type { Refusal } from '../message/refusal.ts';

/** Times in milliseconds. */
export type DownstreamLimits = {
  /** From the first byte of a head to its last. */
  readonly headerTimeoutMs: number;
  /** Between two requests. */
  readonly idleTimeoutMs: number;
  /** How long a client may take nothing of a response that is complete. */
  readonly progressTimeoutMs: number;
};

/** What the codec needs from the proxy around it. */
export interface DownstreamOwner {
  readonly limits: DownstreamLimits;
  /** True while the process drains: responses then say `Connection: close`. */
  readonly closing: boolean;
  /** A request has come; its exchange may respond at once or later. `head` stays valid until the exchange is over. */
  startExchange(downstream: Downstream, head: RequestHead): RequestReceiver;
  /** A request that never became an exchange was refused with this status. */
  onRefused(refusal: Refusal, line: RefusedLine): void;
  /** From now on another protocol is spoken on the connection, or stream, which is the owner's alone. */
  onUpgraded(client: Upgraded, endpoint: Upgraded, onEnd: (end: UpgradeEnd) => void): Held;
  onClosed(): void;
}
