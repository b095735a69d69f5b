import os from 'node:os';
import { setOwnSlice } from '../proxy/libc.ts';

/** The least that Linux takes, and about what a few requests need. */
const sliceNanoseconds = 100_000;

/**
 * Has this thread run at once when a request comes while another one has the core: V8's own that compile, the application's.
 * Linux lets a thread that runs go on to the end of its slice, which a tick of 4 ms notices, unless who wakes asks for shorter
 * ones. Its share of the core stays what it was. False where that is not to be had.
 */
export function wakeSoon(): boolean {
  return setOwnSlice(sliceNanoseconds, os.getPriority());
}
