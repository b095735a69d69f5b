import type { Fields } from '../message/fields.ts';
import type { Downstream } from '../message/interfaces.ts';
import type { Attempt } from './attempt.ts';
import { HeldBody } from './heldBody.ts';

/** A longer body is not kept for another attempt once it has left; `byRule`: where the rule says that there may be some. */
const keptBytes = { unasked: 16_384, byRule: 65_536 } as const;

/**
 * The body of a request on its way from the client to one attempt after another: what comes before an attempt is open is
 * held, a small one is kept for the next attempt, and reading waits while the endpoint takes no more.
 */
export class RequestBody {
  bytes = 0;
  /** All of it has come. */
  done = false;
  /** Nothing more is read of it, since no endpoint takes it. */
  paused = false;
  /** All that has come, as long as it could be sent from the start. */
  private held: HeldBody | undefined;
  private maxKeptBytes: number = keptBytes.unasked;
  private readonly downstream: Downstream;
  private readonly length: number;

  /** `length` as RequestHead.bodyLength. */
  constructor(downstream: Downstream, length: number) {
    this.downstream = downstream;
    this.length = length;
  }

  /** Bytes of memory for what waits. */
  get heldBytes(): number {
    return this.held?.held ?? 0;
  }

  /** It can be sent from the start: nothing of it has come that is not kept. */
  get isKept(): boolean {
    return this.length === 0 || this.held !== undefined;
  }

  /** Keeps it for a further attempt, unless it is too long for that. */
  keep(what: keyof typeof keptBytes): void {
    if (this.length === 0 || this.length > keptBytes[what]) return;
    this.maxKeptBytes = keptBytes[what];
    this.held = new HeldBody();
  }

  /** No attempt is open: the client waits with the rest. Without one it is read on, so that a client that goes is noticed. */
  hold(): void {
    if (this.length === 0) return;
    this.held ??= new HeldBody();
    if (!this.done) this.pause();
  }

  /** Sends what was held to an attempt that has opened; the rest follows. */
  release(attempt: Attempt): void {
    const { held } = this;
    if (held !== undefined) {
      const isLast = held.bytes > this.maxKeptBytes;
      if (isLast) this.held = undefined;
      held.replay(attempt);
      if (isLast) held.release();
    } else if (this.done) attempt.end(undefined);
    this.resume();
    attempt.flush();
  }

  /** A piece has come; borrowed bytes. */
  data(attempt: Attempt | undefined, buffer: Buffer, start: number, end: number): void {
    this.bytes += end - start;
    const { held } = this;
    const open = attempt?.isOpen === true;
    if (held !== undefined) {
      if (!open || held.bytes + end - start <= this.maxKeptBytes) held.keep(buffer, start, end);
      else this.forget();
    }
    if (open && !attempt.body(buffer, start, end)) this.pause();
  }

  end(attempt: Attempt | undefined, trailers: Fields | undefined): void {
    this.done = true;
    this.held?.end(trailers);
    if (attempt?.isOpen === true) attempt.end(trailers);
  }

  flush(attempt: Attempt | undefined): void {
    if (attempt?.flush() === false && !this.done) this.pause();
  }

  /** No further attempt will be made. */
  forget(): void {
    this.held?.release();
    this.held = undefined;
  }

  private pause(): void {
    this.paused = true;
    this.downstream.pauseRequest();
  }

  /** The endpoint takes more again. */
  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.downstream.resumeRequest();
  }
}
