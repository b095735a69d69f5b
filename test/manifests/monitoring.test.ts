import test from 'ava';
import { agentName, systemNamespace } from '../../contract/objects.ts';
import { dashboard, recordingRules } from './monitoring.ts';
import { defaultManifests, manifestsOf } from './objects.ts';
import { namesIn, seriesIn } from './promql.ts';

// That each metric and label is there at all is test/e2e/monitoring.test.ts's to say, of real programs.

test('a recorded name is recorded once, and before another rule reads it', (t) => {
  const known = new Set<string>();
  for (const { record, expr } of recordingRules()) {
    t.false(known.has(record), record);
    for (const { metric } of namesIn(expr).selectors)
      t.true(!metric.startsWith('heddle:') || known.has(metric), `${record} reads ${metric}`);
    known.add(record);
  }
  t.is(known.size, 10);
});

test('the dashboard reads what is recorded', (t) => {
  const recorded = new Set(recordingRules().map(({ record }) => record));
  const read = dashboard().panels.flatMap(({ targets = [] }) =>
    targets.flatMap(({ expr }) => namesIn(expr).selectors.map(({ metric }) => metric)),
  );
  t.true(read.length > 20);
  for (const metric of read) if (metric.startsWith('heddle:')) t.true(recorded.has(metric), metric);
});

test('the panels of the dashboard have ids of their own and do not lie upon each other', (t) => {
  const { panels } = dashboard();
  t.is(new Set(panels.map(({ id }) => id)).size, panels.length);
  const taken = new Map<string, string>();
  for (const { title, gridPos } of panels) {
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      t.true(x < 24, title);
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        t.is(taken.get(`${x} ${y}`), undefined, title);
        taken.set(`${x} ${y}`, title);
      }
    }
  }
});

test('the monitors find the pods by their labels and the ports by their names', (t) => {
  const monitors = manifestsOf('overlays/monitoring').filter(({ kind }) => kind === 'PodMonitor');
  const read = monitors.map(({ metadata, spec }) => ({ ...metadata, ...(spec as object) }));
  const interval = '15s';
  t.like(read[0], {
    namespace: systemNamespace,
    namespaceSelector: { any: true },
    selector: { matchLabels: { 'heddle.dev/sidecar': 'injected' } },
    podMetricsEndpoints: [{ port: 'heddle-metrics', interval }],
  });
  const agent = defaultManifests().find(({ kind }) => kind === 'DaemonSet')?.spec?.template;
  t.like(read[1], {
    namespace: systemNamespace,
    selector: { matchLabels: agent?.metadata.labels },
    podMetricsEndpoints: [{ port: 'metrics', interval }],
  });
  t.true(agent?.spec.containers[0]?.ports.some(({ name }) => name === 'metrics'));
  t.deepEqual(agent?.metadata.labels, { 'app.kubernetes.io/name': agentName });
  t.is(monitors.length, 2);
});

test('names are found in expressions and in scrapes', (t) => {
  t.deepEqual(namesIn('sum by (a, le) (rate(x_bucket{b=~"5..|}", c!="$d"}[$__rate_interval])) / on (a) y:z or 0 * q'), {
    selectors: [
      { metric: 'x_bucket', labels: ['b', 'c'] },
      { metric: 'y:z', labels: [] },
      { metric: 'q', labels: [] },
    ],
    by: ['a', 'le'],
    on: ['a'],
  });
  const series = seriesIn('# HELP x y\nx{a="1",b="}\\""} 2\nx{c=""} 3\nz 1e3\n');
  t.deepEqual(
    series,
    new Map([
      ['x', new Set(['a', 'b', 'c'])],
      ['z', new Set<string>()],
    ]),
  );
});
