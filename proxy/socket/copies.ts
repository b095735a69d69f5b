/** The size of the largest pooled buffer. As large as the shared read buffer: what one read brings is never larger. */
export const copyBytes = 65_536;
// Smaller ones get a buffer of their size: many may wait at a time, and each would hold a whole one.
const minPooledBytes = 8192;
// Doubling from one to the next, so that a buffer is at most about twice what it holds.
const pools = [8192, 16_384, 32_768, copyBytes].map((bytes) => ({ bytes, spare: [] as Buffer[] }));
// Of each size; of the largest, one for each response that is put together at a time.
const spareBytes = 1_048_576;

/**
 * A buffer for a copy of `length` bytes that waits: pooled, so that a large body makes no garbage, and a flood none that
 * would lie about until V8 looks for it.
 */
export function borrowCopy(length: number): Buffer {
  if (length < minPooledBytes || length > copyBytes) return Buffer.allocUnsafeSlow(length);
  const pool = poolOf(length);
  return pool?.spare.pop() ?? Buffer.allocUnsafeSlow(pool?.bytes ?? length);
}

/** Takes a buffer back that nobody looks at any more; one that is not pooled is let go. */
export function giveBackCopy(buffer: Buffer): void {
  const pool = poolOf(buffer.length);
  if (pool?.bytes === buffer.length && pool.spare.length * pool.bytes < spareBytes) pool.spare.push(buffer);
}

function poolOf(length: number): (typeof pools)[number] | undefined {
  return pools.find(({ bytes }) => bytes >= length);
}
