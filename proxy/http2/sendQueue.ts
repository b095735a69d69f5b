import { Line } from '../../runtime/line.ts';
import { leastEarning } from './budget.ts';
import type { FrameWriter } from './frameWriter.ts';
import { firstWindow, largest31, maxFrameBytes } from './protocol.ts';
import type { Stream } from './stream.ts';

/** What sends for a connection. */
type Sending = { readonly writer: FrameWriter; onDataSent(isWhole: boolean): void };

/**
 * The bodies of a connection's streams on their way out, within the windows of the connection and of each stream. Those that
 * have to wait take turns, a frame each.
 */
export class SendQueue {
  /** How much the peer takes on the connection. */
  window = firstWindow;
  private readonly queue = new Line<Stream>();
  /** Those of which nothing waits, and whose exchanges are to be told when the connection takes more. */
  private readonly drained = new Line<Stream>();
  private readonly session: Sending;

  constructor(session: Sending) {
    this.session = session;
  }

  /** Sends as much as may leave now, and returns where it stopped. */
  send(stream: Stream, buffer: Buffer, start: number, end: number): number {
    const { session } = this;
    const { writer } = session;
    let at = start;
    while (at < end && writer.open) {
      const length = Math.min(end - at, maxFrameBytes, stream.sendWindow, this.window);
      if (length <= 0) break;
      writer.data(stream, buffer, at, at + length);
      stream.sendWindow -= length;
      this.window -= length;
      at += length;
      session.onDataSent(at === end || length >= leastEarning);
    }
    return at;
  }

  /** A stream has something that waits. */
  add(stream: Stream): void {
    stream.queued ??= this.queue.join(stream);
  }

  /** Its exchange is to be told when it takes more: once what waits of it has left. */
  stall(stream: Stream): void {
    if (!stream.hasWaiting) stream.drained ??= this.drained.join(stream);
  }

  /** A stream is over, and nothing keeps it. */
  drop(stream: Stream): void {
    if (stream.queued !== undefined) this.queue.leave(stream.queued);
    if (stream.drained !== undefined) this.drained.leave(stream.drained);
    stream.queued = undefined;
    stream.drained = undefined;
    stream.stalled = false;
  }

  /** The window of the connection grows. False: beyond what it may be. */
  grow(increment: number): boolean {
    this.window += increment;
    return this.window <= largest31;
  }

  /**
   * Sends what can leave now, after a window or the connection has opened. It looks at no more streams than it sends of: a
   * peer opens its window by a byte as often as it likes.
   */
  pump(): void {
    const { queue } = this;
    const { writer } = this.session;
    while (writer.open && this.window > 0) {
      const stream = queue.shift();
      if (stream === undefined) break;
      stream.queued = undefined;
      // One that its own window stops comes back with its WINDOW_UPDATE; another one comes again behind the others.
      if (stream.sendWaiting()) {
        if (stream.sendWindow > 0) this.add(stream);
      } else if (stream.stalled) this.stall(stream);
    }
    this.tellDrained();
  }

  private tellDrained(): void {
    const { drained } = this;
    while (this.session.writer.open) {
      const stream = drained.shift();
      if (stream === undefined) return;
      stream.drained = undefined;
      // It has been given more than it asked for: it is told when that has left.
      if (stream.hasWaiting) continue;
      stream.stalled = false;
      stream.onDrain();
    }
  }
}
