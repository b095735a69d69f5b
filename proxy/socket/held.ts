import { Bag, type Baggable } from '../../runtime/bag.ts';
import type { Connection } from './connection.ts';

// After so many bytes were kept anew, who looks after what waits looks again.
const lookEveryBytes = 1_048_576;
const lookers = new Set<() => void>();
/** Whether so much waits that less is to be read at a time: what a slow reader leaves behind is one read, at the most. */
export const pressure = { isHigh: false };
/** Connections to endpoints, as far as what waits in them is for none of our clients any more. */
export const toEndpoints = new Bag<Unclaimed>();
let kept = 0;

/** Bytes of memory that nobody waits for, and where they are. */
type Unclaimed = Baggable & { readonly unclaimed: number; readonly connection: Pick<Connection, 'reset'> };

/**
 * Bytes are kept that wait for something: the rest of a head, an endpoint, a client that reads. Nothing is counted down:
 * whoever looks (`onHeld`) asks each connection what it holds, once in a megabyte, as soon as the present event is handled.
 */
export function noteHeld(bytes: number): void {
  kept += bytes;
  if (kept < lookEveryBytes) return;
  kept = 0;
  queueMicrotask(look);
}

/** `look` is called when much was kept since the last time. Returns how to stop. */
export function onHeld(lookAgain: () => void): () => void {
  lookers.add(lookAgain);
  return () => lookers.delete(lookAgain);
}

function look(): void {
  for (const lookAgain of lookers) lookAgain();
}
