import type { Connection } from '../socket/connection.ts';

/** A connection without a request, and how to be rid of it. */
export type Idle = { readonly connection: Pick<Connection, 'movedMs'>; drop(): void };

/** That of the two which has been idle for longer. */
export function longerIdle(one: Idle | undefined, other: Idle | undefined): Idle | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return other.connection.movedMs < one.connection.movedMs ? other : one;
}
