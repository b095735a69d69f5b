const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** A duration of Go (`1.5s`, `1m30s`) in whole milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|m|s))+$/.test(text)) return undefined;
  let milliseconds = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g))
    milliseconds += Number(amount) * (units[unit] ?? 0);
  return Math.round(milliseconds);
}

/** The same as the Gateway API writes it (https://gateway-api.sigs.k8s.io/geps/gep-2257/). */
export function writeDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  const unit = ['h', 'm', 's', 'ms'].find((name) => milliseconds % (units[name] ?? 1) === 0) ?? 'ms';
  const amount = milliseconds / (units[unit] ?? 1);
  // Five digits at most.
  return amount <= 99_999 ? `${amount}${unit}` : `${Math.floor(milliseconds / 1000)}s${milliseconds % 1000}ms`;
}
