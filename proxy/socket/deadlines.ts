import { clock } from './clock.ts';

/**
 * Something that must be told when it has waited too long. Those that are watched are links of one chain: each request is
 * watched for a while, and a set would hash every one of them and grow anew with every few.
 */
export abstract class Expiring {
  /** In the milliseconds of clock.ts; Infinity while nothing is awaited. */
  deadline = Infinity;
  /** Its place in the chain, for this file alone; `next` of one that is not watched is undefined. */
  previous: Expiring | undefined = undefined;
  next: Expiring | undefined = undefined;
  abstract onDeadline(): void;
}

/** One that is nothing else. */
export class Alarm extends Expiring {
  readonly onDeadline: () => void;

  constructor(onDeadline: () => void) {
    super();
    this.onDeadline = onDeadline;
  }
}

const sweepEveryMs = 250;
/** The chain is a ring through this one, so that every link has two neighbours. */
const ends = new Alarm(() => undefined);
ends.previous = ends;
ends.next = ends;
/** Who comes next in the sweep that is under way. */
let upNext: Expiring = ends;
let sweeper: NodeJS.Timeout | undefined;

/**
 * Watches deadlines by one coarse sweep (every 250 ms), so that moving a deadline on the data path is one store to a
 * field and no timer is made per connection.
 */
export function watchDeadline(expiring: Expiring): void {
  if (expiring.next !== undefined) return;
  const { previous } = ends;
  expiring.previous = previous;
  expiring.next = ends;
  ends.previous = expiring;
  if (previous !== undefined) previous.next = expiring;
  // After a turn of reading: a process that was kept from running sees its timers before its sockets.
  sweeper ??= setInterval(() => setImmediate(sweep), sweepEveryMs).unref();
}

/** Stops watching. */
export function unwatchDeadline(expiring: Expiring): void {
  const { previous, next } = expiring;
  if (previous === undefined || next === undefined) return;
  previous.next = next;
  next.previous = previous;
  expiring.previous = undefined;
  expiring.next = undefined;
  if (upNext === expiring) upNext = next;
}

function sweep(): void {
  const now = performance.now();
  clock.ms = now;
  for (let expiring = ends.next ?? ends; expiring !== ends; expiring = upNext) {
    upNext = expiring.next ?? ends;
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
  upNext = ends;
  if (ends.next !== ends || sweeper === undefined) return;
  clearInterval(sweeper);
  sweeper = undefined;
}
