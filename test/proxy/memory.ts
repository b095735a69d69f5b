/**
 * Bytes that JavaScript holds in this thread, buffers included, garbage too. Unlike the resident size of the process it
 * does not count what the test that runs in ava's other thread does meanwhile.
 */
export function bytesHeld(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
