import type { Connection } from '../socket/connection.ts';

/** A connection without a request, and how to be rid of it. */
export type Idle = { readonly connection: Pick<Connection, 'movedMs'>; drop(): void };

/** That of these which has been idle for longest. */
export function longestIdle(all: Iterable<Idle | undefined>): Idle | undefined {
  let longest: Idle | undefined;
  for (const idle of all) {
    if (idle === undefined) continue;
    if (longest === undefined || idle.connection.movedMs < longest.connection.movedMs) longest = idle;
  }
  return longest;
}
