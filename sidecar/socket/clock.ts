/**
 * The time in `performance.now()` milliseconds, as of the read that is being handled (or the last sweep, at most 250 ms
 * ago): asked once per read instead of at every step of it.
 */
export const clock = { ms: performance.now() };
