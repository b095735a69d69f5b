import type { Reading } from './reading.ts';
import type { Rule } from './route.ts';

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** A duration of Go (`1.5s`, `1m30s`) in whole milliseconds; undefined where none is given, or, and told, where it is none. */
export function readMilliseconds(read: Reading): number | undefined {
  const text = read.text();
  if (text === undefined) return undefined;
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) read.lost('it is no duration');
  return milliseconds;
}

function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|m|s))+$/.test(text)) return undefined;
  let milliseconds = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g))
    milliseconds += Number(amount) * (units[unit] ?? 0);
  return Math.round(milliseconds);
}

/** The same as the Gateway API writes it. */
export function readDuration(read: Reading): string | undefined {
  const milliseconds = readMilliseconds(read);
  return milliseconds === undefined ? undefined : writeDuration(milliseconds);
}

/** The timeouts of a rule; none of its fields where neither is given. */
export function timeoutsOf(
  requestMs: number | undefined,
  backendRequestMs: number | undefined,
): Pick<Rule, 'timeouts'> {
  if (requestMs === undefined && backendRequestMs === undefined) return {};
  return {
    timeouts: {
      ...(requestMs !== undefined && { request: writeDuration(requestMs) }),
      ...(backendRequestMs !== undefined && { backendRequest: writeDuration(backendRequestMs) }),
    },
  };
}

/** See https://gateway-api.sigs.k8s.io/geps/gep-2257/ */
function writeDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  const unit = ['h', 'm', 's', 'ms'].find((name) => milliseconds % (units[name] ?? 1) === 0) ?? 'ms';
  const amount = milliseconds / (units[unit] ?? 1);
  // Five digits at most.
  return amount <= 99_999 ? `${amount}${unit}` : `${Math.floor(milliseconds / 1000)}s${milliseconds % 1000}ms`;
}
