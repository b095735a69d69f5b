import type { Expectation } from '../route/expectation.ts';
import type { Connection, Receiver } from '../socket/connection.ts';
import { noteHeld } from '../socket/held.ts';
import { waitForSilence } from '../socket/patience.ts';
import type { Spoken } from './detect.ts';
import { clientSpeaksFirst, declaredProtocol, protocolOf, protocolWithoutMore } from './judge.ts';

/** Times in milliseconds. */
export type DetectorLimits = {
  /** How long a client may be silent before its server is asked whether it speaks first. */
  readonly detectTimeoutMs: number;
  /** How long it may be silent where it has to speak first. */
  readonly idleTimeoutMs: number;
  /** From the first byte until enough have come to tell. */
  readonly headerTimeoutMs: number;
};

/** Who wants to know what is spoken. */
export interface DetectorOwner {
  /** Asked at each step anew: the agent's word may come in between. */
  readonly expectation: Expectation;
  readonly limits: DetectorLimits;
  /** Comes once, with all the bytes read so far: borrowed. Whoever serves the connection is its receiver from then on. */
  onDetected(spoken: Spoken, first: Buffer): void;
  /** The connection ended while this was its receiver. */
  onClosed(): void;
}

const nothing = Buffer.alloc(0);

/**
 * Finds out what is spoken on a connection, or what is spoken inside it: each has a detection of its own. It alone decides
 * how long is waited for first bytes and for enough of them, and what a client is taken for that is silent, too slow, or
 * that sends no more; what bytes mean is said by judge.ts.
 */
export class Detector implements Receiver {
  private first = nothing;
  private started = false;
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
    this.started = true;
    const { expectation, limits } = this.owner;
    const declared = declaredProtocol(expectation);
    if (declared !== undefined) return this.found(declared, nothing);
    this.stopWaiting = clientSpeaksFirst(expectation)
      ? waitForSilence(limits.idleTimeoutMs, () => this.connection.destroy())
      : waitForSilence(limits.detectTimeoutMs, () => this.found('opaque', nothing));
  }

  onBytes(buffer: Buffer, length: number): void {
    const { first, owner } = this;
    const fresh = buffer.subarray(0, length);
    const bytes = first.length === 0 ? fresh : Buffer.concat([first, fresh]);
    const spoken = protocolOf(bytes, owner.expectation);
    if (spoken !== undefined) return this.found(spoken, bytes);
    this.first = Buffer.from(bytes);
    noteHeld(length);
    // Counted from the first byte: bytes that trickle in do not prolong it.
    if (first.length > 0) return;
    this.stopWaiting?.();
    this.stopWaiting = waitForSilence(owner.limits.headerTimeoutMs, () => this.giveUp());
  }

  onEnd(): void {
    // Without a byte it is no HTTP; a server that speaks first may still have something to say.
    if (this.first.length === 0 && this.owner.expectation.protocol === 'http1') return this.connection.end();
    this.giveUp();
  }

  private giveUp(): void {
    this.found(protocolWithoutMore(this.owner.expectation), this.first);
  }

  private found(spoken: Spoken, bytes: Buffer): void {
    this.stopWaiting?.();
    this.first = nothing;
    this.owner.onDetected(spoken, bytes);
  }

  onDrain(): void {
    // Nothing was written yet.
  }

  onClose(): void {
    this.stopWaiting?.();
    this.owner.onClosed();
  }

  /** Not a byte has come of what is awaited. */
  get idle(): boolean {
    return this.started && this.first.length === 0;
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
