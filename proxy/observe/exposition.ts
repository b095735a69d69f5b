import type { Gauge, Registry } from 'prom-client';
import { type Rendered, renderInTurns } from '../../runtime/renderSeldom.ts';
import { type Durations, durationBounds } from './accumulate.ts';
import type { Labels, Series } from './series.ts';

/** One line of the exposition; `metricName` where it differs from the family's (`…_bucket`). */
export type Sample = { readonly labels: Labels; readonly value: number; readonly metricName?: string };

/** One metric, read when it is scraped. */
export type Family = {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly read: () => Iterable<Sample>;
};

/**
 * Renders the families in the Prometheus text format. prom-client is loaded by the first scrape: a sidecar that nobody
 * scrapes does not pay for it.
 */
export function createExposition(families: readonly Family[]): () => Promise<Rendered> {
  let registry: Promise<Registry> | undefined;
  return async () => {
    registry ??= buildRegistry(families);
    return renderInTurns(await registry);
  };
}

async function buildRegistry(families: readonly Family[]) {
  const { Registry } = await import('prom-client');
  const registry = new Registry();
  for (const { read, ...family } of families) {
    // prom-client asks a metric for its values through get(); that is all it needs of one.
    const metric = { ...family, get: () => ({ ...family, values: [...read()] }) };
    registry.registerMetric(metric as unknown as Gauge);
  }
  return registry;
}

/** A histogram of the time that requests took. */
export function durationFamily(name: string, help: string, series: Series<Durations>): Family {
  return {
    name,
    help,
    type: 'histogram',
    *read() {
      for (const [labels, durations] of series.all()) yield* histogramSamples(name, labels, durations);
    },
  };
}

function* histogramSamples(name: string, labels: Labels, durations: Durations): Iterable<Sample> {
  let cumulative = 0;
  for (const [bucket, bound] of [...durationBounds, Infinity].entries()) {
    cumulative += durations.counts[bucket] ?? 0;
    const le = bound === Infinity ? '+Inf' : String(bound);
    yield { metricName: `${name}_bucket`, labels: { ...labels, le }, value: cumulative };
  }
  yield { metricName: `${name}_sum`, labels, value: durations.sumSeconds };
  yield { metricName: `${name}_count`, labels, value: cumulative };
}
