import v8 from 'node:v8';

/** What the requests hold that are under way is copied by each collection of the young generation: from so many on that is much. */
const manyRequests = 96;
/** Both of its halves as they are at first (--min-semi-space-size in cli/roles.ts). */
const smallBytes = 2 * 2_097_152;
/** Requests come in bursts: what has grown for one is there for the next. */
const defaultTimes = { lookEveryMs: 50, restMs: 5000 } as const;

/**
 * Lets V8's young generation grow to its limit (--max-semi-space-size) while many requests are under way, and has it shrink
 * once they have not been for a while. V8 by itself lets it grow with any traffic that lasts, which is memory for nothing
 * where little survives. `collect` is V8's gc. Returns how to stop.
 */
export function followRequests(
  underWay: () => number,
  collect: typeof globalThis.gc,
  { lookEveryMs, restMs }: { readonly lookEveryMs: number; readonly restMs: number } = defaultTimes,
): () => void {
  let lastMs = 0;
  let size: 'Small' | 'Growing' | 'Shrinking' = 'Small';
  limitGrowth(1);
  const timer = setInterval(() => {
    const nowMs = performance.now();
    if (underWay() >= manyRequests) {
      lastMs = nowMs;
      if (size !== 'Growing') limitGrowth(2);
      size = 'Growing';
    } else if (size !== 'Small' && nowMs - lastMs >= restMs) {
      lastMs = nowMs;
      if (size === 'Growing') limitGrowth(1);
      size = youngBytes() <= smallBytes ? 'Small' : 'Shrinking';
      // It shrinks with a collection (1 to 3 ms) if little was allocated lately; else it is tried again.
      if (size === 'Shrinking') collect?.({ type: 'minor' });
    }
  }, lookEveryMs).unref();
  return () => clearInterval(timer);
}

/** By how much it grows at a time. V8 reads this flag each time; on its command line it takes nothing below 2. */
function limitGrowth(factor: 1 | 2): void {
  v8.setFlagsFromString(`--semi-space-growth-factor=${factor}`);
}

/** Of memory that the young generation has, in both of its halves. */
function youngBytes(): number {
  return v8.getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? 0;
}
