import type { Registry } from 'prom-client';
import { ports } from '../contract/ports.ts';
import type { Logger } from '../runtime/log.ts';
import { serveReady } from '../runtime/ready.ts';
import { reasonOf } from '../runtime/reason.ts';
import { serveAgentMetrics } from './metrics.ts';
import type { Origin } from './origin.ts';
import type { AgentReadiness } from './readiness.ts';

/** The ports as set, and what the agent reads. */
export type OperatorPorts = {
  readonly ready: number | undefined;
  readonly metrics: number | undefined;
  readonly reads: Origin['type'];
};

/** Agents that read a folder may be many on one machine: there a port must be asked for. */
const defaults = {
  cluster: { ready: ports.ready, metrics: ports.metrics },
  folder: { ready: undefined, metrics: undefined },
} as const satisfies Record<Origin['type'], unknown>;

/** Serves readiness and metrics. Rejects with what to do when a port cannot be bound. */
export async function serveOperatorPorts(
  given: OperatorPorts,
  { log, readiness, registry }: { log: Logger; readiness: AgentReadiness; registry: Registry },
): Promise<void> {
  const onError = (error: unknown): void => log.error({ error }, "Answering on an operator's port failed");
  const { ready = defaults[given.reads].ready, metrics = defaults[given.reads].metrics } = given;
  if (ready !== undefined) {
    await serveReady({ port: ready, readiness: () => readiness.state(), onError }).catch(advise('HEDDLE_READY_PORT'));
  }
  if (metrics !== undefined) {
    await serveAgentMetrics({ port: metrics, registry, onError }).catch(advise('HEDDLE_METRICS_PORT'));
  }
}

function advise(variable: string): (error: unknown) => never {
  return (error) => {
    const reason = reasonOf(error);
    throw new Error(`${reason}; set ${variable} to a free port`, { cause: error });
  };
}
