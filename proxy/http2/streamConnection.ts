import { Kept } from '../message/kept.ts';
import { clock } from '../socket/clock.ts';
import type { Connection, Receiver } from '../socket/connection.ts';
import { giveBackCopy } from '../socket/copies.ts';
import type { Lost } from './lost.ts';
import { errorName } from './protocol.ts';
import type { Stream, Through } from './stream.ts';

const nothing = (): void => undefined;
const nobody: Receiver = { onBytes: nothing, onEnd: nothing, onDrain: nothing, onClose: nothing };

/**
 * A stream as a connection on which another protocol is spoken (RFC 8441): DATA are its bytes, END_STREAM is a FIN, and
 * RST_STREAM with CANCEL a reset. It reads nothing before `resume`: what has come waits, as much as the window of the stream
 * allows.
 */
export class StreamConnection implements Connection, Through {
  receiver = nobody;
  closed = false;
  full = false;
  ended = false;
  paused = true;
  movedMs = clock.ms;
  private readonly inbox = new Kept();
  private lastCame = false;
  /** Nothing more comes of the stream, nor is taken. */
  private over = false;
  /** What has come is not wanted any more. */
  private dropped = false;
  private error: Error | undefined;
  private readonly stream: Stream;

  constructor(stream: Stream) {
    this.stream = stream;
    stream.pauseReading();
  }

  get unsent(): number {
    return this.stream.waitingBytes;
  }

  get unread(): number {
    return this.inbox.held;
  }

  onBytes(buffer: Buffer, start: number, end: number): void {
    if (this.dropped) return;
    this.movedMs = clock.ms;
    if (this.paused || this.inbox.length > 0) this.inbox.add(buffer, start, end);
    else this.receiver.onBytes(buffer.subarray(start, end), end - start);
  }

  onBytesEnd(): void {
    this.lastCame = true;
    this.deliver();
  }

  onDrain(): void {
    this.full = false;
    this.receiver.onDrain();
  }

  onLost({ reason, code }: Lost): void {
    this.error = new Error(code === undefined ? reason : errorName(code));
    this.over = true;
    this.deliver();
  }

  onGone(): void {
    this.over = true;
    this.deliverSoon();
  }

  writeText(text: string): boolean {
    const bytes = Buffer.from(text, 'latin1');
    return this.writeBytes(bytes, 0, bytes.length);
  }

  writeBytes(buffer: Buffer, start: number, end: number): boolean {
    this.movedMs = clock.ms;
    const room = this.stream.body(buffer, start, end);
    if (!room) this.full = true;
    return room;
  }

  writeCopy(copy: Buffer, length: number): boolean {
    const room = this.writeBytes(copy, 0, length);
    giveBackCopy(copy);
    return room;
  }

  pause(): void {
    this.paused = true;
    this.stream.pauseReading();
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.stream.resumeReading();
    if (this.inbox.length > 0 || this.lastCame || this.over) this.deliverSoon();
  }

  end(): void {
    this.stream.end(undefined);
  }

  endBoth(): void {
    this.end();
  }

  destroy(): void {
    this.dropped = true;
    this.inbox.release();
    this.stream.cancel();
    this.deliverSoon();
  }

  reset(): void {
    this.destroy();
  }

  stillStands(): boolean {
    return !this.over;
  }

  /** Whether its peer lives is asked by the PING of its connection. */
  keepAlive(): void {}

  limitUnsent(): void {}

  watchForReset(): void {}

  /** Never from within a call of the receiver's. */
  private deliverSoon(): void {
    queueMicrotask(() => this.deliver());
  }

  private deliver(): void {
    if (this.error === undefined && !this.dropped) {
      if (!this.paused && this.inbox.length > 0) {
        const bytes = this.inbox.take();
        this.receiver.onBytes(bytes, bytes.length);
      }
      if (this.paused) return;
      if (this.lastCame && !this.ended) {
        this.ended = true;
        this.receiver.onEnd();
      }
    }
    if (!this.over || this.closed) return;
    this.closed = true;
    this.inbox.release();
    this.receiver.onClose(this.error);
  }
}
