import type { ExecutionContext } from 'ava';
import { heddleCommand } from '../../lab/programs.ts';
import { createMetrics } from '../../proxy/observe/metrics.ts';
import { dashboard, recordingRules } from '../manifests/monitoring.ts';
import { namesIn, seriesIn } from '../manifests/promql.ts';
import { curl, until } from './clients.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';
import { routeObject } from './objects.ts';

/** What Prometheus and the operator's PodMonitor add to each series. */
const ofTheScrape = ['namespace', 'pod', 'container', 'job', 'instance', 'endpoint'];

labTest('monitoring: each metric and label of the rules and the dashboard is in a scrape', async (t, lab) => {
  const mirror = { type: 'RequestMirror', requestMirror: { backendRef: { name: 'copy', port: 80 } } };
  const backendRefs = [{ name: 'web', port: 80 }];
  const rules = [{ filters: [mirror], backendRefs }];
  const agentPort = 15020;
  const mesh = await startMesh(lab, {
    pods: { client: {}, web: {}, copy: {} },
    services: [
      { name: 'web', ip: 1, pods: ['web'] },
      { name: 'copy', ip: 2, pods: ['copy'] },
      { name: 'bytes', ip: 3, pods: ['copy'], appProtocol: 'tcp' },
    ],
    routes: [routeObject({ parent: 'web', rules })],
    agent: ['env', `HEDDLE_METRICS_PORT=${agentPort}`, ...heddleCommand('agent/main.ts')],
  });
  const { pod } = mesh.pod('client');
  t.is((await curl(pod, 'http://10.96.0.1/')).status, 200);
  t.is((await curl(pod, 'http://10.96.0.3/')).status, 200);
  const scrape = async (): Promise<string> => {
    const url = 'http://127.0.0.1:15020/metrics';
    const texts = [await curl(pod, url), await curl(mesh.pod('web').pod, url), await curl(mesh.node, url)];
    return texts.map(({ text }) => text).join('\n');
  };
  // A copy is counted when it has been answered, and pages are rendered once a second.
  await until(async () => (await scrape()).includes('outcome="answered"'));
  const known = new Map(seriesIn((await scrape()) + (await seldomMetrics())));
  check(t, known);
});

function check(t: ExecutionContext, known: Map<string, ReadonlySet<string>>): void {
  const expect = (where: string, expression: string): readonly string[] => {
    const { selectors, by, on } = namesIn(expression);
    for (const { metric, labels } of selectors) {
      // Written only by the agent that leads on a cluster, or while older sidecars are connected.
      if (elsewhere.has(metric)) continue;
      const has = known.get(metric);
      if (has === undefined) {
        t.fail(`${where}: no program has ${metric}`);
        continue;
      }
      for (const label of labels)
        t.true(has.has(label) || ofTheScrape.includes(label), `${where}: ${metric}{${label}}`);
    }
    const all = new Set(
      selectors.flatMap(({ metric }) => Array.from(known.get(metric) ?? elsewhere.get(metric) ?? [])),
    );
    for (const label of [...by, ...on]) t.true(all.has(label) || ofTheScrape.includes(label), `${where}: by ${label}`);
    return by.length > 0 ? by : [...all].filter((label) => label !== 'le');
  };
  for (const { record, expr } of recordingRules()) known.set(record, new Set(expect(record, expr)));
  const { panels, templating } = dashboard();
  for (const { title, targets = [] } of panels) {
    for (const { expr, legendFormat } of targets) {
      const left = new Set([...expect(title, expr), ...ofTheScrape]);
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        t.true(left.has(label), `${title}: ${label}`);
    }
  }
  for (const { name, definition } of templating.list) {
    const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(definition ?? '') ?? [];
    if (name === 'datasource') continue;
    expect(name, selector);
    t.true(known.get(namesIn(selector).selectors[0]?.metric ?? '')?.has(label), `${name}: ${label}`);
  }
}

/** What a sidecar writes of RPCs and of further tries, none of which this mesh has. */
async function seldomMetrics(): Promise<string> {
  const metrics = createMetrics();
  const { http } = metrics;
  const name = { namespace: 'shop', name: 'cart', port: 80 };
  const key = { parent: name, backend: name };
  const rpc = { path: '/cart.Cart/Get', status: 'INTERNAL' } as const;
  http.route(key).observe({ status: 200, durationMs: 1, bytesIn: 0, bytesOut: 0, flag: undefined, rpc });
  const retries = http.retries(key);
  retries.tried('reset', 'answered');
  retries.limited('budget');
  return `\n${String((await metrics.render()).body)}`;
}

/** Metrics that the programs of this case do not write, with their labels: test/agent has each of them. */
const elsewhere: ReadonlyMap<string, readonly string[]> = new Map([
  ['heddle_agent_status_pending', []],
  ['heddle_agent_status_writes_total', ['outcome']],
  ['discovery_streams_lacking', ['capability']],
]);
