import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Registry } from 'prom-client';

/** Metrics as they are sent; the bytes are shared by all who ask within the same second. */
export type Rendered = { readonly body: Buffer; readonly contentType: string };

/**
 * Renders at most once in `everyMs`, however many ask and however often: all get the same bytes meanwhile. A rendering
 * that fails is not kept. `now` is in milliseconds.
 */
export function renderSeldom(
  render: () => Promise<Rendered>,
  everyMs = 1000,
  now: () => number = () => performance.now(),
): () => Promise<Rendered> {
  let shared: Promise<Rendered> | undefined;
  let until = Number.POSITIVE_INFINITY;
  return () => {
    if (shared !== undefined && now() < until) return shared;
    until = Number.POSITIVE_INFINITY;
    const begun = render();
    shared = begun;
    begun.then(
      () => (until = now() + everyMs),
      () => (shared = undefined),
    );
    return begun;
  };
}

/** The text format of all metrics, one at a time: other work has its turn between two of them. */
export async function renderInTurns(registry: Registry): Promise<Rendered> {
  const texts: string[] = [];
  for (const { name } of registry.getMetricsAsArray()) {
    texts.push(await registry.getSingleMetricAsString(name));
    await nextTurn();
  }
  return { body: Buffer.from(`${texts.join('\n\n')}\n`), contentType: registry.contentType };
}
