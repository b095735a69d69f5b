import { clock } from './clock.ts';

/** Something that must be told when it has waited too long. */
export interface Expiring {
  /** In the milliseconds of clock.ts; Infinity while nothing is awaited. */
  deadline: number;
  onDeadline(): void;
}

const sweepEveryMs = 250;
const watched = new Set<Expiring>();
let sweeper: NodeJS.Timeout | undefined;

/**
 * Watches deadlines by one coarse sweep (every 250 ms), so that moving a deadline on the data path is one store to a
 * field and no timer is made per connection.
 */
export function watchDeadline(expiring: Expiring): void {
  watched.add(expiring);
  // After a turn of reading: a process that was kept from running sees its timers before its sockets.
  sweeper ??= setInterval(() => setImmediate(sweep), sweepEveryMs).unref();
}

/** Stops watching. */
export function unwatchDeadline(expiring: Expiring): void {
  watched.delete(expiring);
}

function sweep(): void {
  const now = performance.now();
  clock.ms = now;
  for (const expiring of watched) {
    if (expiring.deadline > now) continue;
    expiring.deadline = Infinity;
    // A defect in one does not keep the others waiting; the process hears of it.
    try {
      expiring.onDeadline();
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
  if (watched.size > 0 || sweeper === undefined) return;
  clearInterval(sweeper);
  sweeper = undefined;
}
