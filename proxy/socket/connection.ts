/** Who gets what a connection reads. Replaced when the protocol is known; one receiver at a time. */
export interface Receiver {
  /** `length` bytes of `buffer` from 0. Borrowed: the next read of any connection may overwrite them. */
  onBytes(buffer: Buffer, length: number): void;
  /** The peer ended what it sends, cleanly; it may still read. */
  onEnd(): void;
  /** The connection was full, and all that was written has left this process. */
  onDrain(): void;
  /** Nothing more will come of this connection; called once. What broke off before its clean end brings an error. */
  onClose(error: Error | undefined): void;
  /**
   * Optional: when the connection cannot be written to any more, what the peer has sent before is read to its end. Without
   * it, it is dropped at once.
   */
  readonly readsOn?: boolean;
  /** Optional: the buffer for the next read. Only a raw connection asks. */
  nextBuffer?(): Buffer;
}

/**
 * A stream of bytes to and from one peer, as codecs and tunnels see it: what they write is not what the socket carries where
 * another layer (TLS) lies between. The receiver is never called from within a call of these, `onBytes` never while paused.
 * What is given away here holds for every kind; what needs the socket itself takes a RawConnection.
 */
export interface Connection {
  receiver: Receiver;
  /** The receiver's onClose has come. */
  readonly closed: boolean;
  /** Something that was written waits in this process: write no more before the receiver's onDrain. */
  readonly full: boolean;
  /** The receiver's onEnd has come. */
  readonly ended: boolean;
  /** Why it cannot be written to any more: what is written is dropped. Only of a kind that lets its receiver read on. */
  readonly writeError?: NodeJS.ErrnoException | undefined;
  /** Reading waits for `resume`. */
  readonly paused: boolean;
  /** When something came or was written last, or when it began: milliseconds of clock.ts. */
  readonly movedMs: number;
  /** A measure of what waits in this process, in bytes: 0 once all has left. */
  readonly unsent: number;
  /** Bytes of memory that have come and wait for `resume`; only of a kind that cannot leave them to the kernel. */
  readonly unread?: number;
  /** Writes latin1 text; false when it is full then. */
  writeText(text: string): boolean;
  /** Writes borrowed bytes, which are the caller's again at once; false when it is full then. */
  writeBytes(buffer: Buffer, start: number, end: number): boolean;
  /**
   * Writes the first bytes of a pooled buffer (copies.ts), which is this connection's from now on; false when it is full
   * then. `last`: `end` follows in the same turn, so that they may leave together.
   */
  writeCopy(copy: Buffer, length: number, last?: boolean): boolean;
  pause(): void;
  resume(): void;
  /** Half-closes after what is written. */
  end(): void;
  /** Ends both directions behind what has left this process (`unsent` is to be 0): nothing is expected any more. */
  endBoth(): void;
  /** Drops the connection at once; the receiver's onClose still comes. */
  destroy(): void;
  /** Drops it with a TCP reset, so that the peer cannot take it for a clean end. */
  reset(): void;
  /** Has the kernel ask the peer for a sign of life after `delayMs` of silence. */
  keepAlive(delayMs: number): void;
  /** Has the kernel take no more than about so many bytes that it cannot send yet. */
  limitUnsent(bytes: number): void;
  /** Notices a reset also after the peer's clean end, from where on nothing is read any more: then onClose comes. */
  watchForReset(): void;
  /** Whether a connection on which nothing is under way still stands and nothing has come on it, as far as the kernel knows. */
  stillStands(): boolean;
}

/** How many connections of a kind are open. */
export type OpenCount = { open: number };
