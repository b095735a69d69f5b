import type { Measure } from './measure.ts';
import type { Outlier } from './outlier.ts';
import { isWarmFor } from './slowStart.ts';

/** What a choice between endpoints needs to know of each. */
export type Load = {
  /** Requests (or connections) under way. */
  readonly outstanding: number;
  readonly measure: Measure;
  readonly outlier: Pick<Outlier, 'state'>;
  /** Since when it stands beside others as a new one (slowStart.ts); -Infinity for one that was there before. */
  readonly newMs: number;
  /** For how long it is new. */
  readonly slowStartMs: number;
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
  const isOther = cost(other, nowMs) < cost(one, nowMs);
  const [better, worse] = isOther ? [other, one] : [one, other];
  return isWarmFor(better, nowMs, random) || worse.outlier.state === 'Probation' ? better : worse;
}

/** One on trial is asked at once, and not a second time before it has answered. */
function cost({ measure, outstanding, outlier }: Load, nowMs: number): number {
  if (outlier.state === 'Probation') return outstanding === 0 ? 0 : Infinity;
  return measure.cost(nowMs, outstanding);
}
