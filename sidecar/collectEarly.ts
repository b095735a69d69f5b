import v8 from 'node:v8';

const lookEveryMs = 250;
// Less is what one moment's requests leave behind.
const leastGrowthBytes = 8_388_608;
// As V8's own limit (--heap-growing-percent in cli/roles.ts): to look through a large heap takes longer.
const growthPart = 0.4;
// Of so many times that growth a flood can be the cause.
const largeGrowth = 2;
// A collection stops all else: it is to take a hundredth of the time, and a tenth while much grows.
const ordinaryRest = { leastMs: 5000, timesAsLong: 100 } as const;
const shortRest = { leastMs: 0, timesAsLong: 10 } as const;

/** What is known of the heap when it is looked at. Times in milliseconds. */
export type HeapSeen = {
  /** The least that was in use since the last collection: what grew then may have come to stay. */
  readonly leastBytes: number;
  readonly sinceCollectedMs: number;
  /** How long the last collection took. */
  readonly tookMs: number;
};

/**
 * Whether the whole heap, of which `usedBytes` are in use, is to be collected now: it has grown by megabytes, and the last
 * collection is so long ago that they take little of the time. Where much has grown they may take more of it.
 */
export function isCollectionDue(usedBytes: number, { leastBytes, sinceCollectedMs, tookMs }: HeapSeen): boolean {
  const growth = usedBytes - leastBytes;
  const due = Math.max(leastGrowthBytes, leastBytes * growthPart);
  if (growth < due) return false;
  const { leastMs, timesAsLong } = growth < due * largeGrowth ? ordinaryRest : shortRest;
  return sinceCollectedMs >= Math.max(leastMs, tookMs * timesAsLong);
}

/**
 * Collects the whole heap with `collect` when isCollectionDue says so. V8 itself marks step by step while it goes on, and
 * lets the young generation grow meanwhile by as much as there is to mark: a flood's garbage doubles the heap, and stays for
 * half a minute behind it. Returns how to stop.
 */
export function collectEarly(collect: () => void): () => void {
  let leastBytes = heapBytes();
  let collectedMs = -Infinity;
  let tookMs = 0;
  const timer = setInterval(() => {
    const used = heapBytes();
    leastBytes = Math.min(used, leastBytes);
    const nowMs = performance.now();
    if (!isCollectionDue(used, { leastBytes, sinceCollectedMs: nowMs - collectedMs, tookMs })) return;
    collect();
    collectedMs = performance.now();
    tookMs = collectedMs - nowMs;
    leastBytes = heapBytes();
  }, lookEveryMs).unref();
  return () => clearInterval(timer);
}

function heapBytes(): number {
  return v8.getHeapStatistics().used_heap_size;
}
