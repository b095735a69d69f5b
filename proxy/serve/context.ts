import type { Decision } from '../route/decision.ts';
import type { ExchangeContext, Report } from '../exchange/context.ts';
import type { RequestHead } from '../message/head.ts';
import type { Explanation } from '../observe/fragment.ts';
import type { ConnectionMetrics } from '../observe/tcpMetrics.ts';
import type { Expectation } from '../route/expectation.ts';
import type { UpstreamEndpoint } from '../upstream/endpoint.ts';

/** Where a connection leads that is passed on as it is. */
export type TunnelWay = {
  readonly endpoint: UpstreamEndpoint | undefined;
  readonly explanation: Explanation;
  readonly metrics: ConnectionMetrics;
  /** Why there is no endpoint; or what the log says of a tunnel even when it ends well. */
  readonly reason: string | undefined;
};

/**
 * What a role knows of one connection that it has accepted, and what it wants done there: the engine asks it, and knows
 * nothing of how it came to know.
 */
export interface ConnectionContext extends ExchangeContext {
  /** What is expected now; it may change until it is known what is spoken. */
  readonly expectation: Expectation;
  /** How long the client may be silent before its server is connected to, which may speak first; in milliseconds. */
  readonly silenceMs: number;
  /** A request that is refused before it could be routed counts as one of these. */
  readonly unrouted: Pick<Decision, 'explanation' | 'metrics'>;
  /** Who hears how a request ends. Asked once, before it is routed: what is meant for us alone may be taken out of it. */
  reportOf(head: RequestHead): Report;
  /** Asked when it is to be passed on as it is, and when its server is to be connected to since that may come of it. */
  tunnelWay(): TunnelWay;
  /** The connection is over. */
  release(): void;
}
