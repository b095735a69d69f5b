import type { Report } from '../exchange/context.ts';
import type { AccessLog } from '../observe/accessLog.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { RoutingTable } from '../table/table.ts';
import type { UpstreamRegistry } from '../upstream/registry.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Incoming } from './incoming.ts';

/** Times in milliseconds; see settings.ts. */
export type ProxyLimits = {
  readonly headerTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly progressTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly detectTimeoutMs: number;
  readonly discoveryWaitMs: number;
};

/** What every connection of this sidecar shares. */
export type Proxy = {
  readonly limits: ProxyLimits;
  readonly opaquePorts: ReadonlySet<number>;
  /** By which the pod's own HTTP probes are known; empty: none are. */
  readonly probeToken: string;
  readonly registry: UpstreamRegistry;
  readonly table: RoutingTable;
  readonly accessLog: AccessLog;
  /** Hears how a request ended. */
  readonly report: Report;
  /** Hears how one of the kubelet's did. */
  readonly reportProbe: Report;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly random: () => number;
  /** Whether the agent answers: else nobody waits for its word. */
  readonly agentConnected: () => boolean;
  /** True once the process drains. */
  closing: boolean;
  readonly connections: Set<Incoming>;
};
