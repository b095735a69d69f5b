import type { Report } from '../../proxy/exchange/context.ts';
import type { Metrics } from '../../proxy/observe/metrics.ts';
import type { Engine } from '../../proxy/serve/engine.ts';
import type { RoutingTable } from '../../proxy/table/table.ts';
import type { RefusedHint } from '../refusedHint.ts';
import type { Logger } from '../../runtime/log.ts';
import type { InboundPorts } from './inboundPorts.ts';
import type { Peers } from './peers.ts';

/** What all redirected connections share, besides the engine that serves them. */
export type TransparentRole = {
  readonly engine: Engine;
  readonly table: RoutingTable;
  /** What is declared of the ports of this pod's own application. */
  readonly inbound: InboundPorts;
  /** Who calls this pod. */
  readonly peers: Peers;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Ports whose protocols have the server speak first: without more knowledge their connections are passed on unread. */
  readonly opaquePorts: ReadonlySet<number>;
  /** As ExchangeContext.via; empty for none. */
  readonly via: string;
  /**
   * How long an inbound client may be silent before the application is connected to: shorter than the detection of the
   * calling sidecar, which has waited already, so that a server which speaks first is waited for once on its way.
   */
  readonly inboundSilenceMs: number;
  readonly refusedHint: RefusedHint;
  /** By which the pod's own HTTP probes are known; empty: none are. */
  readonly probeToken: string;
  /** Hears how one of them ended. */
  readonly reportProbe: Report;
  /** Whether the agent answers: else nobody waits for its word. */
  readonly agentConnected: () => boolean;
  /** How long a first connection waits for it. */
  readonly discoveryWaitMs: number;
};
