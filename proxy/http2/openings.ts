import type { ResponseStream } from './responseStream.ts';

/** Requests that wait until their connection can open streams for them, in the order in which they came. */
export class Openings {
  private queue: ResponseStream[] = [];

  get length(): number {
    return this.queue.length;
  }

  add(stream: ResponseStream): void {
    this.queue.push(stream);
  }

  /** The next one; undefined when there is none. */
  next(): ResponseStream | undefined {
    return this.queue.shift();
  }

  /** Whether it was there, and is no longer. */
  drop(stream: ResponseStream): boolean {
    const at = this.queue.indexOf(stream);
    if (at < 0) return false;
    this.queue.splice(at, 1);
    return true;
  }

  /** All of them, which are no longer there. */
  takeAll(): readonly ResponseStream[] {
    const all = this.queue;
    this.queue = [];
    return all;
  }
}
