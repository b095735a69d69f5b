import { readdirSync } from 'node:fs';
import { setThreadNice } from '../proxy/libc.ts';

const nice = 10;

/**
 * Has the other threads of this process give way to this one, where they share a core: V8 compiles on them what traffic
 * makes hot, for milliseconds at a time, while requests wait. Returns how many there are.
 */
export function haveOthersGiveWay(): number {
  const others = readdirSync('/proc/self/task').map(Number);
  return others.filter((thread) => thread !== process.pid && setThreadNice(thread, nice)).length;
}
