import { borrowCopy, giveBackCopy } from '../socket/copies.ts';
import { noteHeld } from '../socket/held.ts';

const nothing = Buffer.alloc(0);
const leastBytes = 256;

/**
 * Bytes that wait, in one buffer that grows with them: what comes in many small pieces costs no more memory or time than
 * what comes in one. Read between `start` and `end`.
 */
export class Kept {
  bytes: Buffer = nothing;
  start = 0;
  end = 0;

  get length(): number {
    return this.end - this.start;
  }

  /** Bytes of memory: about twice what came, at the most. */
  get held(): number {
    return this.bytes.length;
  }

  /** Appends a copy; returns `to`. */
  add(from: Buffer, at: number, to: number): number {
    if (this.end + to - at > this.bytes.length) this.makeRoom(to - at);
    from.copy(this.bytes, this.end, at, to);
    this.end += to - at;
    return to;
  }

  /** What stands before `position` is used; when nothing is left the buffer goes too. */
  dropTo(position: number): void {
    this.start = position;
    if (this.start >= this.end) this.release();
  }

  /** All that waits, as a copy; nothing is kept any more. */
  take(): Buffer {
    const taken = Buffer.from(this.bytes.subarray(this.start, this.end));
    this.release();
    return taken;
  }

  /** Lets go of everything; what `bytes` was may be read until other bytes are kept. */
  release(): void {
    giveBackCopy(this.bytes);
    this.bytes = nothing;
    this.start = 0;
    this.end = 0;
  }

  private makeRoom(more: number): void {
    const { bytes, start, end, length } = this;
    const grown = borrowCopy(Math.max(leastBytes, length + more, Math.ceil(length * 1.5)));
    noteHeld(grown.length - bytes.length);
    bytes.copy(grown, 0, start, end);
    giveBackCopy(bytes);
    this.bytes = grown;
    this.start = 0;
    this.end = length;
  }
}
