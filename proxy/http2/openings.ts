import type { RequestHead } from '../message/head.ts';
import type { ResponseStream } from './responseStream.ts';

/** The connection that they wait for. */
type Opening = { readonly takesMore: boolean; openStream(stream: ResponseStream, head: RequestHead): void };

/** Requests that wait until their connection can open streams for them, in the order in which they came. */
export class Openings {
  private queue: ResponseStream[] = [];
  private readonly connection: Opening;

  constructor(connection: Opening) {
    this.connection = connection;
  }

  get length(): number {
    return this.queue.length;
  }

  add(stream: ResponseStream): void {
    this.queue.push(stream);
  }

  /** Opens as many as can be opened now. */
  openAll(): void {
    while (this.openNext());
  }

  /** Opens the next one; false where there is none, or it has to wait. */
  openNext(): boolean {
    if (this.queue.length === 0 || !this.connection.takesMore) return false;
    const stream = this.queue.shift();
    const head = stream?.head;
    if (stream === undefined || head === undefined) return false;
    stream.head = undefined;
    this.connection.openStream(stream, head);
    if (!stream.gone) stream.onOpened();
    return true;
  }

  /** Hands so many back, those that came last, to wait for any connection; how many those were that could be. */
  handBack(count: number): number {
    if (count <= 0) return 0;
    const last = this.queue.splice(-count);
    const staying = last.filter((stream) => !stream.handBack());
    this.queue.push(...staying);
    return last.length - staying.length;
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
