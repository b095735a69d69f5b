/** The size of a pooled buffer. As large as the shared read buffer: what one read brings is never larger. */
export const copyBytes = 65_536;
// Smaller ones get a buffer of their size: many may wait at a time, and each would hold a whole one.
export const minPooledBytes = 8192;
const maxSpare = 32;
const spare: Buffer[] = [];

/** A buffer for a copy of `length` bytes that waits to be written; pooled, so that a large body makes no garbage. */
export function borrowCopy(length: number): Buffer {
  if (length < minPooledBytes || length > copyBytes) return Buffer.allocUnsafe(length);
  return spare.pop() ?? Buffer.allocUnsafeSlow(copyBytes);
}

export function giveBackCopy(buffer: Buffer): void {
  if (buffer.length === copyBytes && spare.length < maxSpare) spare.push(buffer);
}
