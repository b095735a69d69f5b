/**
 * Loaded before a program that has `--expose-gc`: every ten seconds it collects all garbage and prints `collected <bytes>`,
 * what is left in heap and buffers. V8 itself lets garbage lie for minutes, which looks like growth.
 */
setInterval(() => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  console.log(`collected ${heapUsed + external}`);
}, 10_000).unref();
