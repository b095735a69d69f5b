import type { Place } from '../../runtime/line.ts';
import type { Fields } from '../message/fields.ts';
import { clock } from '../socket/clock.ts';
import { pressure } from '../socket/held.ts';
import type { FrameWriter, Marked } from './frameWriter.ts';
import type { Lost } from './lost.ts';
import { type ErrorName, firstWindow, maxFrameBytes } from './protocol.ts';
import { Waiting } from './waiting.ts';

/**
 * What a stream may have under way towards us at the most, where it proves fast: so much waits in this process of one whose
 * receiver takes nothing.
 */
const largestWindow = 524_288;

/** The connection of a stream, as the stream sees it. */
export interface StreamOwner {
  readonly writer: FrameWriter;
  readonly sendQueue: {
    send(stream: Stream, buffer: Buffer, start: number, end: number): number;
    add(stream: Stream): void;
    stall(stream: Stream): void;
  };
  /** False when there is nothing in it. */
  writeTrailers(stream: Stream, trailers: Fields): boolean;
  /** It has sent its END_STREAM. */
  onStreamEnded(stream: Stream): void;
  resetStream(stream: Stream, error: ErrorName): void;
  /** The peer has broken a rule on it. */
  failStream(stream: Stream, error: ErrorName, reason: string): void;
}

/** What takes the bytes of a stream that has become a tunnel, or may. */
export interface Through {
  /** Bytes of memory that have come and wait. */
  readonly unread: number;
  /** As those of Stream. */
  onBytes(buffer: Buffer, start: number, end: number): void;
  onBytesEnd(): void;
  onDrain(): void;
  /** It was reset, or its connection is lost. */
  onLost(lost: Lost): void;
  /** Nothing more is sent or received on it. */
  onGone(): void;
}

/**
 * One stream, as both sides of the proxy have it: how far each direction is, its two windows, and the bytes that wait for the
 * peer's. What it carries is for its kind to say.
 */
export abstract class Stream implements Marked {
  /** 0 while it is not opened. */
  id = 0;
  markEpoch = -1;
  markAt = 0;
  /** How much the peer takes of it now; below 0 where the peer has reduced it. */
  sendWindow = 0;
  /** Its places among those that have something to send, and those whose exchanges wait for onDrain; for sendQueue.ts. */
  queued: Place<Stream> | undefined = undefined;
  drained: Place<Stream> | undefined = undefined;
  /** END_STREAM was sent, or has come. */
  localEnded = false;
  remoteEnded = false;
  /** Nothing more is sent or received on it. */
  gone = false;
  /** For the table of its connection's streams alone. */
  nextInChain: Stream | undefined = undefined;
  /** Its exchange waits for onDrain. */
  stalled = false;
  /** It was given bytes or a head in this read. */
  touched = false;
  /** What its bytes go through where they are none of a message. */
  through: Through | undefined;
  /** When it was begun. */
  readonly begunMs = clock.ms;
  private receiveWindow = firstWindow;
  private windowSize = firstWindow;
  /** Bytes that have come and were not given back to the peer's window. */
  private owed = 0;
  private paused = false;
  /** Its receiver had to be waited for since its window was given back last. */
  private slow = false;
  private waiting: Waiting | undefined;
  private ending: { readonly trailers: Fields | undefined } | undefined;
  protected readonly session: StreamOwner;

  constructor(session: StreamOwner) {
    this.session = session;
  }

  /** Everything that one read brought of it is handed on. */
  abstract onReadEnd(): void;
  /** It takes bytes again. */
  abstract onDrain(): void;
  /** Bytes of its body, borrowed. */
  abstract onBytes(buffer: Buffer, start: number, end: number): void;
  /** Its last DATA frame has come. */
  abstract onBytesEnd(): void;
  /** The peer has reset it. */
  abstract onReset(code: number): void;
  /** The connection is lost, or the peer does not keep to the protocol. */
  abstract onLost(lost: Lost): void;

  /** Bytes of memory that wait in it for the peer. */
  get unsent(): number {
    return this.waiting?.held ?? 0;
  }

  /** Something of it waits for the peer. */
  get hasWaiting(): boolean {
    return this.waiting !== undefined && this.waiting.length > 0;
  }

  /** Bytes that wait in it for the peer. */
  get waitingBytes(): number {
    return this.waiting?.length ?? 0;
  }

  /** As Downstream.body and Upstream.body. */
  body(buffer: Buffer, start: number, end: number): boolean {
    if (this.gone || this.localEnded) return true;
    const { session } = this;
    const at = this.hasWaiting ? start : session.sendQueue.send(this, buffer, start, end);
    if (at < end) {
      this.waiting ??= new Waiting();
      this.waiting.add(buffer, at, end);
      session.sendQueue.add(this);
    }
    return this.flush();
  }

  /** False: wait for onDrain. */
  flush(): boolean {
    if (this.gone || (!this.hasWaiting && this.session.writer.open)) return true;
    if (!this.stalled) {
      this.stalled = true;
      this.session.sendQueue.stall(this);
    }
    return false;
  }

  /** As Downstream.end and Upstream.end: behind what waits. */
  end(trailers: Fields | undefined): void {
    if (this.gone || this.localEnded) return;
    if (this.hasWaiting) this.ending = { trailers: trailers?.copy() };
    else this.finish(trailers);
  }

  private finish(trailers: Fields | undefined): void {
    this.localEnded = true;
    if (trailers === undefined || !this.session.writeTrailers(this, trailers)) this.session.writer.endStream(this);
    this.session.onStreamEnded(this);
  }

  /** Sends of what waits as much as the windows and the connection take, one frame at the most; true when more is left. */
  sendWaiting(): boolean {
    const { waiting } = this;
    if (waiting?.bytes === undefined || this.gone) return false;
    const stop = Math.min(waiting.end, waiting.start + maxFrameBytes);
    waiting.dropTo(this.session.sendQueue.send(this, waiting.bytes, waiting.start, stop));
    if (waiting.length > 0) return true;
    const { ending } = this;
    this.ending = undefined;
    if (ending !== undefined) this.finish(ending.trailers);
    return false;
  }

  /** Nothing more is to be read: what comes is not given back until `resumeReading`. */
  pauseReading(): void {
    this.paused = true;
    this.slow = true;
  }

  resumeReading(): void {
    this.paused = false;
    this.giveBack();
  }

  /** A DATA frame of this length begins. False: it is more than the window allows. */
  receive(length: number): boolean {
    this.receiveWindow -= length;
    return this.receiveWindow >= 0;
  }

  /** Such a frame was handed on. */
  received(length: number): void {
    this.owed += length;
    if (!this.paused) this.giveBack();
  }

  /**
   * Gives the peer its window back, half of it at a time; and more to one whose bytes are taken as they come. While too much
   * waits in this process, what it had more is taken back.
   */
  private giveBack(): void {
    if (this.remoteEnded || this.gone) return;
    if (pressure.isHigh) this.narrow();
    if (this.owed * 2 < this.windowSize) return;
    const isFast = !this.slow && !pressure.isHigh;
    const grown = isFast ? Math.min(this.windowSize, largestWindow - this.windowSize) : 0;
    this.slow = false;
    this.windowSize += grown;
    this.receiveWindow += this.owed + grown;
    this.session.writer.windowUpdate(this.id, this.owed + grown);
    this.owed = 0;
  }

  private narrow(): void {
    const less = Math.min(this.owed, Math.max(0, this.windowSize - firstWindow));
    this.windowSize -= less;
    this.owed -= less;
  }

  /** Ends it early, since nobody wants it any more. */
  cancel(): void {
    this.session.resetStream(this, 'CANCEL');
  }

  /** Lets go of what waits; the session does so when the stream is over. */
  release(): void {
    this.gone = true;
    this.waiting?.release();
    this.waiting = undefined;
    this.ending = undefined;
    this.through?.onGone();
  }
}
