import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { WatchEvent } from '../kubernetes/watch.ts';
import { answersOnly, serveOperator, type OperatorServer } from '../runtime/httpServer.ts';
import { renderInTurns, renderSeldom } from '../runtime/renderSeldom.ts';
import type { DiscoveryServer } from './discovery/server.ts';
import type { Applied } from './configuration.ts';
import type { Objects } from './store.ts';

/** What is counted in an agent; `registry` takes further metrics of its rooms. */
export type AgentMetrics = {
  readonly registry: Registry;
  /** Takes what was just handed to the streams. */
  applied(applied: Applied, objects: Objects): void;
  /** Takes one event of the watch of a kind. */
  watched(kind: string, event: WatchEvent): void;
};

type Discovery = Pick<DiscoveryServer, 'streams' | 'lacking' | 'passedBy' | 'sentBytes' | 'cutConnections'>;

/** `discovery` is read at each scrape. */
export function createAgentMetrics(discovery: Discovery): AgentMetrics {
  const registry = new Registry();
  const registers = [registry];
  const objects = new Gauge({ name: 'config_objects', help: 'Objects read, by kind', labelNames: ['kind'], registers });
  const problems = new Gauge({ name: 'config_problems', help: 'Problems that no route status tells', registers });
  const revision = new Gauge({
    name: 'config_revision_info',
    help: '1 for the revision that is served: equal revisions are equal configurations',
    labelNames: ['revision'],
    registers,
  });
  const apply = new Histogram({
    name: 'config_apply_duration_seconds',
    help: 'From collected changes until every stream has been told',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    registers,
  });
  const change = new Histogram({
    name: 'config_change_duration_seconds',
    help: 'From the first event of a change until every stream has been told',
    buckets: [0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 1],
    registers,
  });
  const byKind = { labelNames: ['kind'] as const, registers };
  const changes = new Counter({ name: 'kubernetes_changes_total', help: 'Objects added, changed, removed', ...byKind });
  const lists = new Counter({ name: 'kubernetes_lists_total', help: 'Complete lists, the first included', ...byKind });
  const failures = new Counter({ name: 'kubernetes_watch_failures_total', help: 'Watches made anew', ...byKind });
  const served = new Gauge({ name: 'kubernetes_kind_served', help: '0: the API server lacks the kind', ...byKind });
  read(registry, 'gauge', ['discovery_streams', 'Streams of sidecars'], () => discovery.streams);
  read(
    registry,
    'gauge',
    ['discovery_sent_bytes', 'What clients have sent and nobody has taken'],
    () => discovery.sentBytes,
  );
  read(
    registry,
    'counter',
    ['discovery_connections_cut_total', 'Cut for most of too many sent bytes'],
    () => discovery.cutConnections,
  );
  const lacking: Gauge = new Gauge({
    name: 'discovery_streams_lacking',
    help: 'Streams of older sidecars, by the capability that they do not have',
    labelNames: ['capability'],
    registers,
    collect() {
      for (const [capability, streams] of discovery.lacking()) lacking.set({ capability }, streams);
    },
  });
  read(
    registry,
    'gauge',
    ['discovery_routes_passed_by', 'Routes that older sidecars pass by'],
    () => discovery.passedBy().size,
  );
  read(registry, 'gauge', ['process_resident_memory_bytes', 'Resident memory'], () => process.memoryUsage.rss());
  read(registry, 'counter', ['process_cpu_seconds_total', 'User and system CPU time'], cpuSeconds);

  return {
    registry,
    applied(applied, all) {
      revision.reset();
      revision.set({ revision: applied.revision }, 1);
      problems.set(applied.problems);
      apply.observe(applied.tookMs / 1000);
      change.observe(applied.sinceEventMs / 1000);
      for (const [kind, { size }] of Object.entries(all)) objects.set({ kind }, size);
    },
    watched(kind, event) {
      if (event.type === 'failed') failures.inc({ kind });
      else if (event.type === 'applied' || event.type === 'deleted') changes.inc({ kind });
      else served.set({ kind }, event.type === 'listed' ? 1 : 0);
      if (event.type === 'listed') lists.inc({ kind });
    },
  };
}

function read(
  registry: Registry,
  type: 'gauge' | 'counter',
  [name, help]: [string, string],
  value: () => number,
): void {
  const registers = [registry];
  if (type === 'gauge') {
    const gauge: Gauge = new Gauge({ name, help, registers, collect: () => gauge.set(value()) });
    return;
  }
  const counter: Counter = new Counter({
    name,
    help,
    registers,
    collect() {
      counter.reset();
      counter.inc(value());
    },
  });
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** The metrics port: `/metrics` in the Prometheus text format. Rejects when the port cannot be bound. */
export function serveAgentMetrics(options: {
  readonly port: number;
  readonly registry: Registry;
  readonly onError: (error: unknown) => void;
}): Promise<OperatorServer> {
  const { port, registry, onError } = options;
  const render = renderSeldom(() => renderInTurns(registry));
  return serveOperator({
    port,
    reach: 'everywhere',
    onError,
    replyTo: async ({ method, path }) => {
      if (path !== '/metrics') return { status: 404, body: 'Ask for /metrics.\n' };
      if (method !== 'GET' && method !== 'HEAD') return answersOnly(['GET'], '/metrics');
      return { status: 200, ...(await render()) };
    },
  });
}
