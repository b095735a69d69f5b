import { Counter, Gauge, type Registry } from 'prom-client';

/** How a request to write a status ended. */
export type WriteOutcome = 'written' | 'conflict' | 'gone' | 'refused' | 'failed';

const outcomes: readonly WriteOutcome[] = ['written', 'conflict', 'gone', 'refused', 'failed'];

export type StatusMetrics = {
  count(outcome: WriteOutcome): void;
  lead(leading: boolean): void;
};

/** The metrics of the status writer: whether this agent leads, what waits, and how writes ended. */
export function registerStatusMetrics(registry: Registry, pending: () => number): StatusMetrics {
  const registers = [registry];
  const writes = new Counter({
    name: 'heddle_agent_status_writes_total',
    help: 'Requests that wrote the status of a route or mesh, by how they ended',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of outcomes) writes.inc({ outcome }, 0);
  const leader = new Gauge({
    name: 'heddle_agent_status_leader',
    help: '1 on the agent that writes statuses, 0 on the others',
    registers,
  });
  leader.set(0);
  void new Gauge({
    name: 'heddle_agent_status_pending',
    help: 'Routes whose status waits to be compared or written',
    registers,
    collect() {
      this.set(pending());
    },
  });
  return { count: (outcome) => writes.inc({ outcome }), lead: (leading) => leader.set(leading ? 1 : 0) };
}
