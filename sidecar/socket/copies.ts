// As large as the shared read buffer: what one read brings is never larger.
const copyBytes = 65_536;
const maxSpare = 32;
const spare: Buffer[] = [];

/** A buffer for a copy of `length` bytes that waits to be written; pooled, so that a large body makes no garbage. */
export function borrowCopy(length: number): Buffer {
  if (length > copyBytes) return Buffer.allocUnsafeSlow(length);
  return spare.pop() ?? Buffer.allocUnsafeSlow(copyBytes);
}

export function giveBackCopy(buffer: Buffer): void {
  if (buffer.length === copyBytes && spare.length < maxSpare) spare.push(buffer);
}
