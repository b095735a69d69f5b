import type { Expectation } from '../route/expectation.ts';
import type { Connection, Receiver } from '../socket/connection.ts';
import { noteHeld } from '../socket/held.ts';
import { waitForSilence } from '../socket/patience.ts';
import type { Spoken } from './detect.ts';
import {
  clientSpeaksFirst,
  declaredProtocol,
  isServerFirst,
  isWorthWaiting,
  protocolAtEnd,
  protocolInTime,
  protocolOf,
} from './judge.ts';

/** Times in milliseconds. */
export type DetectorLimits = {
  /** How long bytes may come that do not tell what is spoken. */
  readonly detectTimeoutMs: number;
  /** How long the rest of a method is waited for beyond that. */
  readonly headerTimeoutMs: number;
  /** How long client and server may both be silent. */
  readonly idleTimeoutMs: number;
};

/** Who wants to know what is spoken. */
export interface DetectorOwner {
  /** Asked at each step anew: the agent's word may come in between. */
  readonly expectation: Expectation;
  readonly limits: DetectorLimits;
  /** How long a client may be silent before its server is given the word, in milliseconds. */
  readonly silenceMs: number;
  /** The client is silent: its server is to be connected to, and `onServer` told of what it does. */
  onSilence(): void;
  /** Both were silent for too long. */
  onIdle(): void;
  /** Comes once, with all the bytes read so far: borrowed. Whoever serves the connection is its receiver from then on. */
  onDetected(spoken: Spoken, first: Buffer): void;
  /** The connection ended while this was its receiver. */
  onClosed(error: Error | undefined): void;
}

const nothing = Buffer.alloc(0);

/**
 * Finds out what is spoken on a connection, or what is spoken inside it: each has a detection of its own. It alone decides
 * how long is waited for bytes that tell. Silence tells nothing: it goes on until the client has spoken, or the server has
 * first. What bytes mean is said by judge.ts.
 */
export class Detector implements Receiver {
  private first = nothing;
  private startedMs: number | undefined;
  private asked = false;
  /** The time for detection is over, and these were the letters of a method. */
  private late = false;
  private stopWaiting: (() => void) | undefined;
  private readonly connection: Connection;
  private readonly owner: DetectorOwner;

  constructor(connection: Connection, owner: DetectorOwner) {
    this.connection = connection;
    this.owner = owner;
    connection.receiver = this;
  }

  /** Bytes are awaited from now on, unless what is spoken is declared. */
  start(): void {
    this.startedMs = performance.now();
    const { expectation, silenceMs } = this.owner;
    const declared = declaredProtocol(expectation);
    if (declared !== undefined) return this.found(declared, nothing);
    if (clientSpeaksFirst(expectation)) return this.awaitAnybody();
    this.stopWaiting = waitForSilence(silenceMs, () => {
      this.asked = true;
      this.awaitAnybody();
      this.owner.onSilence();
    });
  }

  private awaitAnybody(): void {
    this.stopWaiting = waitForSilence(this.owner.limits.idleTimeoutMs, () => this.owner.onIdle());
  }

  onBytes(buffer: Buffer, length: number): void {
    const { first, owner } = this;
    const fresh = buffer.subarray(0, length);
    const bytes = first.length === 0 ? fresh : Buffer.concat([first, fresh]);
    const spoken = protocolOf(bytes, owner.expectation);
    if (spoken !== undefined) return this.found(spoken, bytes);
    if (this.late && !isWorthWaiting(bytes, owner.expectation))
      return this.found(protocolInTime(bytes, owner.expectation), bytes);
    this.first = Buffer.from(bytes);
    noteHeld(length);
    // One limit for all of them: bytes that trickle in do not prolong it.
    if (first.length === 0) this.limit();
  }

  /** Counted from the start, unless the client has been silent for so long that its server was asked. */
  private limit(): void {
    const { owner, startedMs, asked } = this;
    const now = performance.now();
    const endMs = (asked || startedMs === undefined ? now : startedMs) + owner.limits.detectTimeoutMs;
    this.stopWaiting?.();
    this.stopWaiting = waitForSilence(Math.max(0, endMs - now), () => this.onTimeOver());
  }

  private onTimeOver(): void {
    const { first, owner, late } = this;
    if (late || !isWorthWaiting(first, owner.expectation))
      return this.found(protocolInTime(first, owner.expectation), first);
    this.late = true;
    this.stopWaiting = waitForSilence(owner.limits.headerTimeoutMs, () => this.onTimeOver());
  }

  onEnd(): void {
    const { first, owner } = this;
    if (first.length === 0 && owner.expectation.protocol === 'http1') return this.connection.end();
    this.found(protocolAtEnd(first, owner.expectation), first);
  }

  /** The server has said this; undefined: it ended, or could not be reached. */
  onServer(said: Buffer | undefined): void {
    const { first, owner } = this;
    if (isServerFirst(said, first, owner.expectation)) this.found('opaque', first);
  }

  private found(spoken: Spoken, bytes: Buffer): void {
    this.stopWaiting?.();
    this.first = nothing;
    this.owner.onDetected(spoken, bytes);
  }

  onDrain(): void {
    // Nothing was written yet.
  }

  onClose(error: Error | undefined): void {
    this.stopWaiting?.();
    this.owner.onClosed(error);
  }

  /** Not a byte has come of what is awaited. */
  get idle(): boolean {
    return this.startedMs !== undefined && this.first.length === 0;
  }

  /** Bytes of memory that wait for others. */
  get held(): number {
    return this.first.length;
  }

  shed(): void {
    this.connection.reset();
  }

  close(): void {
    this.connection.destroy();
  }

  destroy(): void {
    this.connection.destroy();
  }
}
