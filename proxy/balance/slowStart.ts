/**
 * For so long after it has appeared beside others an endpoint gets less than its share, from a tenth of it on, unless its
 * Service says otherwise: what has just started loads, compiles and connects first.
 */
export const defaultSlowStartMs = 10_000;
const leastShare = 0.1;

/** Whether an endpoint that is new since `newMs` (-Infinity: it is not) takes what was drawn for it. */
export function isWarmFor(
  { newMs, slowStartMs }: { readonly newMs: number; readonly slowStartMs: number },
  nowMs: number,
  random: () => number,
): boolean {
  const ageMs = nowMs - newMs;
  return ageMs >= slowStartMs || random() < Math.max(leastShare, ageMs / slowStartMs);
}
