import { type Connection, type Receiver, sharedBuffer } from '../socket/connection.ts';
import { borrowBuffer, giveBackBuffer } from './buffers.ts';

/** What a half tells its tunnel. */
export type HalfEvents = { onProgress(): void; onEnd(): void; onClose(error: Error | undefined): void };

// A direction that fills this much of the shared buffer is a bulk transfer and gets a buffer of its own.
const bulkBytes = 32_768;
const smallBytes = 8192;
const smallReadsUntilShared = 16;

/**
 * One direction of a tunnel: what `from` reads goes to `to`. A bulk transfer reads into a buffer of its own that the kernel
 * takes without a copy; anything else reads into the shared buffer and is copied.
 */
export class Half implements Receiver {
  bytes = 0;
  private own: Buffer | undefined;
  private wantsOwn = false;
  private smallReads = 0;
  /** Buffers whose bytes the kernel has not all taken. */
  private readonly lentOut: Buffer[] = [];
  /** The other direction, which reads what this one writes to. */
  peer: Half | undefined;
  private readonly from: Connection;
  private readonly to: Connection;
  private readonly events: HalfEvents;

  constructor(from: Connection, to: Connection, events: HalfEvents) {
    this.from = from;
    this.to = to;
    this.events = events;
    from.receiver = this;
  }

  /** Sends on bytes that were read before the tunnel stood. */
  send(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.bytes += bytes.length;
    this.to.writeBytes(bytes, 0, bytes.length);
  }

  onBytes(buffer: Buffer, length: number): void {
    this.bytes += length;
    this.events.onProgress();
    if (buffer === sharedBuffer) {
      this.wantsOwn = length >= bulkBytes;
      if (!this.to.writeBytes(buffer, 0, length)) this.from.pause();
      return;
    }
    this.smallReads = length < smallBytes ? this.smallReads + 1 : 0;
    if (this.to.writeOwned(buffer, length)) return;
    // The kernel has not taken it all: this buffer is given back once it has, and reading waits.
    this.own = undefined;
    this.wantsOwn = true;
    this.from.pause();
    this.lentOut.push(buffer);
  }

  nextBuffer(): Buffer | null {
    if (this.own !== undefined) {
      if (this.smallReads < smallReadsUntilShared) return null;
      giveBackBuffer(this.own);
      this.own = undefined;
      this.wantsOwn = false;
      this.smallReads = 0;
      return sharedBuffer;
    }
    if (this.wantsOwn) this.own = borrowBuffer();
    return this.own ?? sharedBuffer;
  }

  onDrain(): void {
    this.peer?.onTaken();
  }

  /** `to` has taken everything. */
  private onTaken(): void {
    this.giveBackLent();
    this.from.resume();
  }

  onEnd(): void {
    this.to.end();
    this.events.onEnd();
  }

  onClose(error: Error | undefined): void {
    if (this.own !== undefined) giveBackBuffer(this.own);
    this.own = undefined;
    this.peer?.giveBackLent();
    this.events.onClose(error);
  }

  private giveBackLent(): void {
    for (const buffer of this.lentOut.splice(0)) giveBackBuffer(buffer);
  }
}
