import { readdirSync } from 'node:fs';
import { setThreadNice } from '../proxy/libc.ts';

const nice = 10;

/**
 * Has the other threads that there are give way to this one, where they share a core: V8 compiles on them what traffic makes
 * hot, for milliseconds at a time, while requests wait. Returns how many there are; where /proc cannot be read, none.
 */
export function haveOthersGiveWay(): number {
  let threads: readonly string[];
  try {
    threads = readdirSync('/proc/self/task');
  } catch {
    return 0;
  }
  return threads.map(Number).filter((thread) => thread !== process.pid && setThreadNice(thread, nice)).length;
}
