import net from 'node:net';
import { resetOnClose } from '../libc.ts';
import { clock } from './clock.ts';
import { borrowCopy, giveBackCopy, minPooledBytes } from './copies.ts';
import { sendNow } from './direct.ts';
import { handleOf } from './handle.ts';

/** Who gets what a connection reads. Replaced when the protocol is known; one receiver at a time. */
export interface Receiver {
  /** `length` bytes of `buffer` from 0. Borrowed: the next read of any connection may overwrite them. */
  onBytes(buffer: Buffer, length: number): void;
  /** The peer will send no more; it may still read. */
  onEnd(): void;
  /** It was full, and all that was written has left this process. */
  onDrain(): void;
  /** Nothing more will come of this connection; called once. */
  onClose(error: Error | undefined): void;
  /** Optional: the buffer for the next read, or null to keep the present one. */
  nextBuffer?(): Buffer | null;
}

/** Every connection reads into this one buffer unless its receiver brings its own. */
export const sharedBuffer = Buffer.allocUnsafeSlow(65_536);

const nobody: Receiver = {
  onBytes: () => undefined,
  onEnd: () => undefined,
  onDrain: () => undefined,
  onClose: () => undefined,
};

/**
 * A TCP connection, accepted or dialled, over a `net.Socket` that reads into one shared buffer (`onread`): no Buffer is
 * made per read. Only the files of this folder know `onread` and `_handle`.
 */
export class Connection {
  receiver: Receiver = nobody;
  closed = false;
  /** Something that was written waits in this process: write no more before the receiver's onDrain. */
  full = false;
  /** The peer has sent its FIN. */
  ended = false;
  readonly socket: net.Socket;
  private error: Error | undefined;
  /** Reading waits for `resume`. */
  paused = false;
  private readonly copies: Buffer[] = [];

  /** `open` makes the socket with the given onread option; see accept.ts and dial.ts. */
  constructor(open: (onread: net.OnReadOpts) => net.Socket) {
    let first = true;
    this.socket = open({
      buffer: () => {
        const next = this.receiver.nextBuffer?.() ?? null;
        if (!first) return next as unknown as Buffer;
        first = false;
        return next ?? sharedBuffer;
      },
      callback: (length, buffer) => {
        clock.ms = performance.now();
        // A defect in one connection's handling costs that connection, never the process.
        try {
          this.receiver.onBytes(buffer as Buffer, length);
        } catch (error) {
          this.socket.destroy(error instanceof Error ? error : new Error(String(error)));
        }
        return true;
      },
    });
    // Given once here, it is not checked anew with every write.
    this.socket.setDefaultEncoding('latin1');
    this.socket.on('end', () => {
      clock.ms = performance.now();
      this.ended = true;
      this.receiver.onEnd();
    });
    this.socket.on('error', (error) => {
      this.error = error;
    });
    this.socket.on('close', () => {
      clock.ms = performance.now();
      this.closed = true;
      this.receiver.onClose(this.error);
    });
  }

  /** Writes latin1 text; false when something waits, this or what was written before: write no more before onDrain. */
  writeText(text: string): boolean {
    if (this.closed) return true;
    this.socket.write(text, this.onWritten);
    return this.hasRoom();
  }

  /** Writes a copy of borrowed bytes; false as for writeText. */
  writeBytes(buffer: Buffer, start: number, end: number): boolean {
    if (this.closed) return true;
    const copy = borrowCopy(end - start);
    buffer.copy(copy, 0, start, end);
    return this.queue(copy, end - start);
  }

  /** Writes the first bytes of a pooled buffer (copies.ts), which is this connection's from now on; false as for writeText. */
  writeCopy(copy: Buffer, length: number): boolean {
    const taken = sendNow(this, copy, length, false);
    if (taken === length) {
      giveBackCopy(copy);
      return true;
    }
    if (this.closed) return true;
    const left = length - taken;
    if (left >= minPooledBytes) {
      if (taken > 0) copy.copyWithin(0, taken, length);
      return this.queue(copy, left);
    }
    const room = this.writeBytes(copy, taken, length);
    giveBackCopy(copy);
    return room;
  }

  private queue(copy: Buffer, length: number): boolean {
    this.copies.push(copy);
    this.socket.write(length === copy.length ? copy : copy.subarray(0, length), this.onCopyWritten);
    return this.hasRoom();
  }

  /**
   * What waits here makes it full, however little it is: the kernel's buffer is enough to hold for a slow reader. Only the
   * drain undoes that, or a later write could make who waits for it wait for ever.
   */
  private hasRoom(): boolean {
    if (this.socket.writableLength > 0) this.full = true;
    return !this.full;
  }

  /** Writes complete in order, so the oldest copy is the free one. */
  private readonly onCopyWritten = (error?: Error | null): void => {
    const copy = this.copies.shift();
    if (copy !== undefined) giveBackCopy(copy);
    this.onWritten(error);
  };

  private readonly onWritten = (error?: Error | null): void => {
    if (!this.full || error || this.socket.writableLength > 0) return;
    this.full = false;
    this.receiver.onDrain();
  };

  /** Writes bytes of a buffer that stays untouched until onDrain, unless this returns true: then it is free at once. */
  writeOwned(buffer: Buffer, length: number): boolean {
    if (this.closed) return true;
    this.socket.write(length === buffer.length ? buffer : buffer.subarray(0, length), this.onWritten);
    return this.hasRoom();
  }

  /** It stands and nothing waits to be written, so that bytes may go past Node, straight to the kernel (direct.ts). */
  get idle(): boolean {
    const { socket } = this;
    return !socket.destroyed && !socket.connecting && socket.writableLength === 0;
  }

  /** Falls to 0 as what was written leaves this process. */
  get unsent(): number {
    return this.socket.writableLength + (handleOf(this.socket)?.writeQueueSize ?? 0);
  }

  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.socket.pause();
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    if (!this.closed) this.socket.resume();
  }

  /** Half-closes after what is written. */
  end(): void {
    if (!this.closed) this.socket.end();
  }

  /** Drops the connection at once; the receiver's onClose still comes. */
  destroy(): void {
    this.socket.destroy();
  }

  /** Drops it with a TCP reset, so that the peer cannot take it for a clean end. */
  reset(): void {
    // Node's own resetAndDestroy never closes a socket whose FIN is under way.
    const handle = handleOf(this.socket);
    if (handle !== undefined && !this.socket.connecting) resetOnClose(handle.fd);
    this.socket.destroy();
  }
}
