import type { Retry } from '../../routing/model.ts';

// Envoy's, as is the most of it.
const defaultBackoffMs = 25;
const mostTimes = 10;
// What a timer can wait.
const mostMs = 2 ** 31 - 1;

/**
 * How long to wait before the retry of this number, from 1 on: anything up to the base interval, which doubles with each
 * retry up to ten times itself. All of it is drawn, so that requests that failed together do not come back together
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). `random` gives numbers in [0, 1).
 */
export function backoffMs({ backoffMs: base = defaultBackoffMs }: Retry, number: number, random: () => number): number {
  return Math.round(random() * Math.min(base * Math.min(2 ** (number - 1), mostTimes), mostMs));
}
