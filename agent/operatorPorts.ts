import type { Registry } from 'prom-client';
import { ports } from '../contract/ports.ts';
import type { Logger } from '../runtime/log.ts';
import { serveReady } from '../runtime/ready.ts';
import { reasonOf } from '../runtime/reason.ts';
import { serveAgentAdmin } from './admin.ts';
import type { StreamState } from './discovery/deliveries.ts';
import { serveAgentMetrics } from './metrics.ts';
import type { Origin } from './origin.ts';
import type { AgentReadiness } from './readiness.ts';

/** The ports as set, and what the agent reads. */
export type OperatorPorts = {
  readonly ready: number | undefined;
  readonly metrics: number | undefined;
  readonly admin: number | undefined;
  readonly reads: Origin['type'];
};

/** Agents that read a folder may be many on one machine: there a port must be asked for. */
const defaults = {
  cluster: { ready: ports.ready, metrics: ports.metrics },
  folder: { ready: undefined, metrics: undefined },
} as const satisfies Record<Origin['type'], unknown>;

type Served = {
  readonly log: Logger;
  readonly readiness: AgentReadiness;
  readonly registry: Registry;
  readonly states: () => readonly StreamState[];
};

/** Serves readiness, metrics and what is known of streams. Rejects with what to do when a port cannot be bound. */
export async function serveOperatorPorts(
  given: OperatorPorts,
  { log, readiness, registry, states }: Served,
): Promise<void> {
  const onError = (error: unknown): void => log.error({ error }, "Answering on an operator's port failed");
  const usual = defaults[given.reads];
  const { ready = usual.ready, metrics = usual.metrics, admin } = given;
  if (ready !== undefined) {
    await serveReady({ port: ready, readiness: () => readiness.state(), onError }).catch(advise('HEDDLE_READY_PORT'));
  }
  if (metrics !== undefined) {
    await serveAgentMetrics({ port: metrics, registry, onError }).catch(advise('HEDDLE_METRICS_PORT'));
  }
  if (admin !== undefined) {
    await serveAgentAdmin({ port: admin, states, onError }).catch(advise('HEDDLE_ADMIN_PORT'));
  }
}

function advise(variable: string): (error: unknown) => never {
  return (error) => {
    const reason = reasonOf(error);
    throw new Error(`${reason}; set ${variable} to a free port`, { cause: error });
  };
}
