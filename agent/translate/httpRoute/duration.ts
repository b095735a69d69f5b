/** The longest duration, in milliseconds: what a timer of Node can wait (24.8 days). Who writes a longer one gets this one. */
const longest = 2 ** 31 - 1;

const unitsMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** A duration in milliseconds, `undefined` for what is none: https://gateway-api.sigs.k8s.io/geps/gep-2257/ */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d{1,5}(?:h|ms?|s)){1,4}$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+)(ms|[hms])/g);
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (unitsMs[unit] ?? 0), 0);
}

/** As a timer takes it. */
export function limitDuration(durationMs: number): number {
  return Math.min(durationMs, longest);
}
