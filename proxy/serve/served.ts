import type { Connection } from '../socket/connection.ts';

/** What a connection is served by: its detection at first, then a codec or a tunnel. */
export interface Served {
  /** Nothing is under way in it. */
  readonly idle: boolean;
  /** Ends what is idle, in the manner of its protocol. */
  close(): void;
  /** The client's FIN had come before the serving began. */
  onEnd(): void;
  /** Bytes of memory that wait in it. */
  readonly held: number;
  /** Refuses what it is about, since this process holds too much and this most of it. */
  shed(): void;
  /** Cuts it off, whatever is under way. */
  destroy(): void;
}

/** An open connection, as it is seen by whoever looks at all of them. */
export type OpenConnection = {
  readonly direction: 'outbound' | 'inbound';
  /** Whose it is, where that can be told: all of one peer have the same. */
  readonly peer: string | undefined;
  readonly connection: Connection;
  readonly served: Served;
};
