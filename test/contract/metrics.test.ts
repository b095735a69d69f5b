import { readFileSync } from 'node:fs';
import test from 'ava';
import type { PassedBy } from '../../agent/discovery/passedBy.ts';
import { createAgentMetrics } from '../../agent/metrics.ts';
import { registerStatusMetrics } from '../../agent/status/statusMetrics.ts';
import { createMetrics, type Metrics } from '../../proxy/observe/metrics.ts';
import { stateFamilies } from '../../proxy/observe/stateMetrics.ts';
import { seriesIn } from '../manifests/promql.ts';

const reference = readFileSync(new URL('../../docs/reference.md', import.meta.url), 'utf8');

/** What a metric is: `name type label,label`, the labels in the order of their names. */
type Shape = string;

/** The rows of the table whose first column is `metric of <program>`, one for each metric. */
function tableOf(program: string): Shape[] {
  const [, text = ''] = reference.split(new RegExp(`\\n\\| metric of ${program} .*\\n`));
  const [table = ''] = text.split('\n\n');
  return table
    .split('\n')
    .slice(1)
    .flatMap((row) => {
      const [, names = '', type = '', labels = ''] = row.split('|').map((cell) => cell.trim());
      return wordsIn(names).map((name) => `${name} ${type} ${labelsIn(labels).join()}`);
    })
    .toSorted();
}

const wordsIn = (cell: string): string[] => Array.from(cell.matchAll(/`([^`]+)`/g), ([, word = '']) => word);

/** The labels of a cell, with those that its words in italics stand for. */
function labelsIn(cell: string): string[] {
  const service = wordsIn(/_Service_ stands for (.*?); /.exec(reference)?.[1] ?? '');
  const route = [...service, ...wordsIn(/; _route_ for these and (.*?); /.exec(reference)?.[1] ?? '')];
  const backend = [...route, ...wordsIn(/; _backend_ for those of the route and (.*?)\. /.exec(reference)?.[1] ?? '')];
  const groups = { _Service_: service, _route_: route, _backend_: backend };
  const named = Object.entries(groups).flatMap(([word, labels]) => (cell.includes(word) ? labels : []));
  return [...named, ...wordsIn(cell)].toSorted();
}

/** The metrics of a scrape. */
function shapesIn(text: string): Shape[] {
  const series = seriesIn(text);
  return Array.from(text.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name = '', type = '']) => {
    const labels = series.get(type === 'histogram' ? `${name}_count` : name) ?? new Set();
    return `${name} ${type} ${[...labels].toSorted().join()}`;
  }).toSorted();
}

/** Has a series of everything. */
function fill({ http, tcp }: Metrics): void {
  const name = { namespace: 'shop', name: 'cart', port: 80 };
  const key = { parent: name, backend: name };
  const rpc = { path: '/cart.Cart/Get', status: 'INTERNAL' } as const;
  const outcome = { status: 200, durationMs: 1, bytesIn: 0, bytesOut: 0, flag: undefined, rpc };
  http.route(key).observe(outcome);
  http.inbound(80).observe(outcome);
  http.mirror(key).count('answered');
  http.retries(key).tried('reset', 'answered');
  for (const connections of [tcp.outbound(name), tcp.inbound(80)]) {
    connections.opened();
    connections.closed(outcome);
  }
}

test('docs/reference.md has each metric of a sidecar, with its type and labels', async (t) => {
  const metrics = createMetrics();
  const size = { destinations: 0, groups: 0, endpoints: 0, connections: 0, outliers: 0 };
  metrics.register(...stateFamilies({ subscriber: { connected: true }, table: { size }, registry: { size } }));
  fill(metrics);
  const scrape = shapesIn(String((await metrics.render()).body));
  t.true(scrape.length > 30);
  t.deepEqual(tableOf('a sidecar'), scrape);
});

const lacking = (): ReadonlyMap<string, number> => new Map([['heddle.v1.one', 1]]);

const passedBy = (): ReadonlyMap<string, PassedBy> => new Map();

test('docs/reference.md has each metric of an agent, with its type and labels', async (t) => {
  const agent = createAgentMetrics({ streams: 0, lacking, passedBy, sentBytes: 0, cutConnections: 0 });
  registerStatusMetrics(agent.registry, () => 0);
  const registered = agent.registry.getMetricsAsArray() as unknown as readonly Registered[];
  const shapes = registered.map(({ name, labelNames }) => `${name} ${labelNames.toSorted().join()}`).toSorted();
  const types = shapesIn(await agent.registry.metrics()).map((shape) => shape.split(' ').slice(0, 2).join(' '));
  t.true(shapes.length > 15);
  t.deepEqual(
    tableOf('an agent').map((shape) => shape.replace(/ \w+ /, ' ')),
    shapes,
  );
  t.deepEqual(
    tableOf('an agent').map((shape) => shape.split(' ').slice(0, 2).join(' ')),
    types,
  );
});

/** What prom-client keeps of a metric, and its types do not tell. */
type Registered = { readonly name: string; readonly labelNames: readonly string[] };
