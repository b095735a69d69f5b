import v8 from 'node:v8';

const lookEveryMs = 250;
// Less is what one moment's requests leave behind.
const leastGrowthBytes = 8_388_608;
// As V8's own limit (--heap-growing-percent in cli/roles.ts): to look through a large heap takes longer.
const growthPart = 0.4;

/**
 * Collects the whole heap with `collect` when it has grown by megabytes since it was smallest. V8 itself marks step by step
 * while it goes on, and lets the young generation grow meanwhile by as much as there is to mark: a flood's garbage doubles
 * the heap, and stays for half a minute behind it. Returns how to stop.
 */
export function collectEarly(collect: () => void): () => void {
  let least = usedBytes();
  const timer = setInterval(() => {
    const used = usedBytes();
    least = Math.min(used, least);
    if (used - least < Math.max(leastGrowthBytes, least * growthPart)) return;
    collect();
    least = usedBytes();
  }, lookEveryMs).unref();
  return () => clearInterval(timer);
}

function usedBytes(): number {
  return v8.getHeapStatistics().used_heap_size;
}
