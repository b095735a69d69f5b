import type { Measure } from './measure.ts';

/** What a choice between endpoints needs to know of each. */
export type Load = {
  /** Requests (or connections) under way. */
  readonly outstanding: number;
  readonly measure: Measure;
};

/**
 * Power of two choices: of two different endpoints drawn at random, the one where another request costs less.
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

function cost({ measure, outstanding }: Load, nowMs: number): number {
  return measure.cost(nowMs, outstanding);
}
