/**
 * The time in `performance.now()` milliseconds, as of the read, end or close that is being handled (or the last
 * sweep, at most 250 ms ago): asked once per event instead of at every step of it.
 */
export const clock = { ms: performance.now() };
