import { randomUUID } from 'node:crypto';
import type { Registry } from 'prom-client';
import { agentName } from '../../contract/objects.ts';
import type { Api } from '../../kubernetes/api.ts';
import { joinLease } from '../../kubernetes/lease.ts';
import type { LeaseTiming } from '../../kubernetes/leaseState.ts';
import type { Logger } from '../../runtime/log.ts';
import type { ObservedStatuses } from '../cluster/observedStatus.ts';
import type { TranslationChanges } from '../translate/result.ts';
import { keepMesh } from './keepMesh.ts';
import { registerStatusMetrics } from './statusMetrics.ts';
import { RouteEvents } from './routeEvents.ts';
import { type StatusLimits, StatusWriter } from './writeStatus.ts';

export type StatusesOptions = {
  readonly api: Api;
  readonly log: Logger;
  /** Where the Lease is. */
  readonly namespace: string;
  readonly podName: string;
  readonly observed: ObservedStatuses;
  readonly registry: Registry;
  readonly timing?: LeaseTiming;
  readonly limits?: StatusLimits;
};

export type Statuses = {
  onTranslation(changes: Pick<TranslationChanges, 'statuses'>): void;
  readonly leading: boolean;
  /** Ends writing, then gives the Lease up. */
  close(): Promise<void>;
};

/** The one Lease that all agents of a cluster share. */
const leaseName = agentName;

/** Writes the statuses of routes and of the mesh while this agent is the one that holds the Lease. */
export function startStatuses({
  api,
  log,
  namespace,
  podName,
  observed,
  registry,
  ...options
}: StatusesOptions): Statuses {
  const metrics = registerStatusMetrics(registry, () => writer.pending);
  const isLeader = (): boolean => leadership.isLeader();
  const writer = new StatusWriter({
    api,
    log,
    observed,
    metrics,
    isLeader,
    ...(options.limits !== undefined && { limits: options.limits }),
  });
  const events = new RouteEvents({ api, log, isLeader });
  let mesh: { readonly term: AbortController; readonly ended: Promise<void> } | undefined;
  const leadership = joinLease({
    api,
    log,
    namespace,
    name: leaseName,
    identity: `${podName}_${randomUUID()}`,
    ...(options.timing !== undefined && { timing: options.timing }),
    async onChange(leading) {
      metrics.lead(leading);
      if (leading) {
        writer.start();
        events.start();
        const term = new AbortController();
        mesh = { term, ended: keepMesh({ api, log, namespace, isLeader, signal: term.signal }) };
      } else {
        mesh?.term.abort();
        await Promise.all([writer.stop(), events.stop(), mesh?.ended]);
      }
    },
  });
  return {
    onTranslation({ statuses }) {
      writer.desire(statuses);
      events.desire(statuses);
    },
    get leading() {
      return leadership.isLeader();
    },
    async close() {
      await leadership.close();
      await Promise.all([writer.close(), events.stop()]);
    },
  };
}
