/** The size of the largest pooled buffer. As large as the shared read buffer: what one read brings is never larger. */
export const copyBytes = 65_536;
// Smaller ones, and those between a page and the next size, get a buffer of their size: many may wait at a time.
const leastPooled = 128;
const page = 4096;
// Of the largest so many are spared, one for each response that is put together at a time.
const spareBytes = 1_048_576;

type PoolOf = { readonly bytes: number; readonly most: number; readonly spare: Buffer[] };
// Doubling from one to the next, so that a buffer is at most about twice what it holds. The small ones are for the bodies of
// requests that are kept while they may have to be sent again.
const pools: readonly PoolOf[] = [256, 512, 1024, 2048, page, 8192, 16_384, 32_768, copyBytes].map((bytes) => ({
  bytes,
  most: bytes === copyBytes ? spareBytes / bytes : spareBytes / (bytes > page ? 4 : 8) / bytes,
  spare: [],
}));
let unused: Buffer[] = [];

/**
 * A buffer for a copy of `length` bytes that waits: pooled, so that a large body makes no garbage, and a flood none that
 * would lie about until V8 looks for it.
 */
export function borrowCopy(length: number): Buffer {
  const pool = poolOf(length);
  return pool === undefined ? Buffer.allocUnsafeSlow(length) : (pool.spare.pop() ?? Buffer.allocUnsafeSlow(pool.bytes));
}

/**
 * Takes a buffer back that nobody looks at any more once the present event is handled. What is not spared for others is
 * freed then: V8 would find a flood's buffers only long after it, since they are small to its eyes.
 */
export function giveBackCopy(buffer: Buffer): void {
  const pool = poolOf(buffer.length);
  if (pool?.bytes === buffer.length && pool.spare.length < pool.most) pool.spare.push(buffer);
  else if (buffer.length > 0 && unused.push(buffer) === 1) queueMicrotask(freeUnused);
}

function freeUnused(): void {
  const buffers = unused;
  unused = [];
  for (const { buffer, length } of buffers) {
    // Its memory goes with the new and empty owner of it; what is part of Node's own pool is not ours to free.
    if (buffer.byteLength === length) (buffer as ArrayBuffer).transfer(0);
  }
}

function poolOf(length: number): PoolOf | undefined {
  if (length <= leastPooled || (length > page && length < 2 * page)) return undefined;
  for (const pool of pools) if (pool.bytes >= length) return pool;
  return undefined;
}
