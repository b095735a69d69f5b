const bufferBytes = 262_144;
// Beyond so many tunnels in bulk transfer at a time, further ones copy through the shared buffer: memory stays bounded.
const maxBuffers = 96;
const maxSpare = 4;
const spare: Buffer[] = [];
let lent = 0;

/** A 256 KiB read buffer of one's own, or undefined when enough are lent out. */
export function borrowBuffer(): Buffer | undefined {
  if (lent >= maxBuffers) return undefined;
  lent++;
  return spare.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);
}

export function giveBackBuffer(buffer: Buffer): void {
  lent--;
  if (spare.length < maxSpare) spare.push(buffer);
}
