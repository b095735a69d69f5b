/** The times of a watch in milliseconds; those that say so vary at random, so that many agents do not act at once. */
export type WatchTiming = {
  /** Bookmarks come about every minute, if at all: after so long without a byte the watch is made anew. */
  readonly stallMs: number;
  /** The same while a list is sent, which comes without a pause. */
  readonly listStallMs: number;
  /** How long a watch lasts until the server ends it: at least this, at most twice this. */
  readonly watchMs: number;
  /** A server, or what stands before it, that ends each watch sooner than this must not be asked in a loop. */
  readonly shortMs: number;
  /** Waits after failures double from the first to the last, varied. */
  readonly backOffMs: readonly [first: number, last: number];
  /** Before a new list because the version was too old: up to this. */
  readonly relistMs: number;
  /** How often a resource is asked for that the API server does not serve: up to this. */
  readonly missingMs: number;
};

export const watchTiming: WatchTiming = {
  stallMs: 100_000,
  listStallMs: 30_000,
  watchMs: 300_000,
  shortMs: 1000,
  backOffMs: [200, 10_000],
  relistMs: 1000,
  missingMs: 5000,
};

/** The wait after `failures` failures in a row, 1 being the first; at least what the server asked for. */
export function backOff([first, last]: WatchTiming['backOffMs'], failures: number, retryAfterMs = 0): number {
  const most = Math.min(last, first * 2 ** Math.min(failures - 1, 20));
  return Math.max(Math.min(retryAfterMs, 6 * last), most * (0.5 + Math.random() / 2));
}
