import { borrowCopy, copyBytes, giveBackCopy } from '../socket/copies.ts';
import { noteHeld } from '../socket/held.ts';

const leastBytes = 256;

/**
 * Bytes of a stream that wait for its peer, in buffers that are filled one after the other and go as soon as they are read:
 * a fast sender before a slow reader has half a megabyte of them again and again, which one buffer would move as it grows.
 * What is read next stands in `bytes` from `start` to `end`.
 */
export class Waiting {
  /** All of them. */
  length = 0;
  /** Bytes of memory: about half as much again as what waits, in pieces of its size. */
  held = 0;
  start = 0;
  private buffers: Buffer[] = [];
  /** Of the last one. */
  private filled = 0;

  get bytes(): Buffer | undefined {
    return this.buffers[0];
  }

  get end(): number {
    return this.buffers.length === 1 ? this.filled : (this.buffers[0]?.length ?? 0);
  }

  /** Appends a copy. */
  add(from: Buffer, at: number, to: number): void {
    this.length += to - at;
    for (let done = at; done < to;) {
      const last = this.buffers.at(-1);
      const bytes = last === undefined || this.filled === last.length ? this.another(to - done) : last;
      const stop = Math.min(to, done + bytes.length - this.filled);
      from.copy(bytes, this.filled, done, stop);
      this.filled += stop - done;
      done = stop;
    }
  }

  /** Half as much as all that waits, so that many small pieces need few buffers and much that waits is hardly more in memory. */
  private another(bytes: number): Buffer {
    const buffer = borrowCopy(Math.min(copyBytes, Math.max(leastBytes, bytes, this.held >> 1)));
    noteHeld(buffer.length);
    this.held += buffer.length;
    this.buffers.push(buffer);
    this.filled = 0;
    return buffer;
  }

  /** What stands before `position` of `bytes` is used. */
  dropTo(position: number): void {
    const { bytes } = this;
    this.length -= position - this.start;
    this.start = position;
    if (bytes === undefined || position < this.end) return;
    this.buffers.shift();
    this.held -= bytes.length;
    this.start = 0;
    giveBackCopy(bytes);
  }

  /** Lets go of everything. */
  release(): void {
    for (const buffer of this.buffers) giveBackCopy(buffer);
    this.buffers = [];
    this.length = 0;
    this.held = 0;
    this.start = 0;
  }
}
