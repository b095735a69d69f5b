import type { Baggable } from '../../runtime/bag.ts';
import type { Connection } from '../socket/connection.ts';

/** Why we end a connection that is none of the ways it could end by itself. */
export type Ending = 'the process stops' | 'its place was needed';

/** What a connection is served by: its detection at first, then a codec or a tunnel. */
export interface Served {
  /** Nothing is under way in it. */
  readonly idle: boolean;
  /** When a byte last passed through it, on the clock of performance.now(), if it is a tunnel: of that nobody can tell whether it is idle. */
  readonly passedMs?: number | undefined;
  /** Ends what is idle, in the manner of its protocol. */
  close(): void;
  /** Optional: tells the client that nothing further is served, where its protocol lets what is under way go on. */
  announceEnd?(): void;
  /** The client's FIN had come before the serving began. */
  onEnd(): void;
  /** Bytes of memory that wait in it. */
  readonly held: number;
  /** Optional: what the kernel holds of what its client has sent (a tunnel's server too), where nothing has moved since then. */
  unread?(sinceMs: number): number;
  /** Refuses what it is about, since this process holds too much and this most of it. */
  shed(): void;
  /** Cuts it off, whatever is under way. */
  destroy(why: Ending): void;
}

/** An open connection, as it is seen by whoever looks at all of them. */
export type OpenConnection = Baggable & {
  readonly direction: 'outbound' | 'inbound';
  /** Whose it is, where that can be told: all of one peer have the same. */
  readonly peer: string | undefined;
  readonly connection: Connection;
  readonly served: Served;
};

/** All of them, as they are now. */
export type OpenConnections = Iterable<OpenConnection> & { readonly size: number };
