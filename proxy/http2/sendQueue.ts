import { clock } from '../socket/clock.ts';
import type { FrameWriter } from './frameWriter.ts';
import { largest31 } from './protocol.ts';
import type { Stream } from './stream.ts';

/** What sends for a connection: its frames, and how large a frame the peer takes. */
type Sending = { readonly writer: FrameWriter; readonly maxFrame: number; onDataSent(isWhole: boolean): void };

/**
 * The bodies of a connection's streams on their way out, within the windows of the connection and of each stream. Those that
 * have to wait take turns, a frame each.
 */
export class SendQueue {
  /** How much the peer takes on the connection. */
  window = 65_535;
  private queue: Stream[] = [];
  /** Those whose exchanges wait for a drain. */
  private stalled: Stream[] = [];
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
      const length = Math.min(end - at, session.maxFrame, stream.sendWindow, this.window);
      if (length <= 0) break;
      writer.data(stream, buffer, at, at + length);
      stream.sendWindow -= length;
      this.window -= length;
      at += length;
      session.onDataSent(at === end || length >= 1024);
    }
    if (at > start) stream.movedMs = clock.ms;
    return at;
  }

  /** A stream has something that waits. */
  add(stream: Stream): void {
    if (stream.queued) return;
    stream.queued = true;
    this.queue.push(stream);
  }

  /** Its exchange is to be told when it takes more. */
  stall(stream: Stream): void {
    this.stalled.push(stream);
  }

  /** The window of the connection grows. False: beyond what it may be. */
  grow(increment: number): boolean {
    this.window += increment;
    return this.window <= largest31;
  }

  /** Sends what can leave now, after a window or the connection has opened. */
  pump(): void {
    const { writer } = this.session;
    for (let passes = this.queue.length; passes > 0 && writer.open && this.window > 0; passes = this.queue.length) {
      const waiting = this.queue;
      this.queue = [];
      let sent = false;
      for (const stream of waiting) {
        stream.queued = false;
        const before = stream.sendWindow;
        // One that its own window stops comes back with its WINDOW_UPDATE.
        if (stream.sendWaiting() && stream.sendWindow > 0) this.add(stream);
        sent ||= stream.sendWindow !== before;
      }
      if (!sent) break;
    }
    this.tellDrained();
  }

  private tellDrained(): void {
    if (this.stalled.length === 0 || !this.session.writer.open) return;
    const told = this.stalled;
    this.stalled = [];
    for (const stream of told) {
      if (stream.gone) continue;
      if (stream.hasWaiting) this.stalled.push(stream);
      else {
        stream.stalled = false;
        stream.onDrain();
      }
    }
  }
}
