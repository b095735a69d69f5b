import type { PeakEwma } from './latency.ts';

/** What a choice between endpoints needs to know of each. */
export type Load = {
  /** Requests (or connections) under way. */
  readonly outstanding: number;
  readonly latency: PeakEwma;
};

// An endpoint that was never measured costs so much per outstanding request: tried first while idle, not flooded.
const unmeasuredMs = 1;

/**
 * Power of two choices: of two different endpoints drawn at random, the one with the lower latency × (outstanding + 1).
 * `random` gives numbers in [0, 1). Undefined when there are none.
 */
export function pick<E extends Load>(endpoints: readonly E[], nowMs: number, random: () => number): E | undefined {
  const count = endpoints.length;
  if (count < 2) return endpoints[0];
  const first = Math.floor(random() * count);
  let second = Math.floor(random() * (count - 1));
  if (second >= first) second++;
  const one = endpoints[first];
  const other = endpoints[second];
  if (one === undefined || other === undefined) return one ?? other;
  return cost(other, nowMs) < cost(one, nowMs) ? other : one;
}

function cost(load: Load, nowMs: number): number {
  return (load.latency.at(nowMs, load.outstanding === 0) + unmeasuredMs) * (load.outstanding + 1);
}
