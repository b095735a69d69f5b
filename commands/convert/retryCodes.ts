import type { Reading } from './reading.ts';

/** The statuses that a word for retries stands for in Istio and Linkerd, told where it stands for more; undefined: none. */
export function codesOf(word: string, written: Reading): readonly number[] | undefined {
  if (word === '5xx') written.note('5xx is 500, 502, 503 and 504: a retry names each code');
  return groups.get(word) ?? (/^[45]\d\d$/.test(word) ? [Number(word)] : undefined);
}

const groups: ReadonlyMap<string, readonly number[]> = new Map([
  ['5xx', [500, 502, 503, 504]],
  ['gateway-error', [502, 503, 504]],
]);

/** Tells of a word for what no retry asks after. */
export function tellNoCode(word: string, written: Reading): void {
  written.lost(`${word}: a retry knows codes, errors and timeouts`);
}

/** Codes as a retry has them: each once, in ascending order. */
export function inOrder(codes: Iterable<number>): readonly number[] {
  return [...new Set(codes)].toSorted((one, other) => one - other);
}
