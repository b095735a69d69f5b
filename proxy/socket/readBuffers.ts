import { pressure } from './held.ts';

/** Every raw connection reads into this one buffer unless its receiver brings its own. */
export const sharedBuffer = Buffer.allocUnsafeSlow(65_536);
const smallBuffer = Buffer.allocUnsafeSlow(4096);

/** What a connection is to read into whose receiver brings nothing: a small one while too much waits. */
export function readBuffer(): Buffer {
  return pressure.isHigh ? smallBuffer : sharedBuffer;
}
