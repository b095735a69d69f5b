import { clock } from '../socket/clock.ts';

/** When a silent connection is asked for a sign of life; in milliseconds. */
export type PingTimes = {
  /** It is silent for so long while requests wait on it. */
  readonly afterMs: number;
  /** It has so long to answer. */
  readonly withinMs: number;
  /** It is not asked again before. More often than every five minutes is more than gRPC's servers let pass. */
  readonly againMs: number;
};

/** Bytes that were handed to a connection, and those of them that the kernel of its peer has not confirmed. */
export type Sent = { readonly written: number; readonly undelivered: number };

/** What is to be done about a connection now, and when it is to be looked at again. */
export type Look = { readonly type: 'Fine' | 'Ask' | 'Dead'; readonly againInMs: number };

/**
 * Asks a connection for a sign of life where requests wait on it and nothing comes. Without a question it tells one to be dead
 * of whose bytes none arrive any more: a node that is gone confirms nothing.
 */
export class LifeSigns {
  private askedMs = -Infinity;
  private awaited = false;
  /** How many bytes had arrived since this time, while others were on their way; -1 where none were. */
  private delivered = -1;
  private deliveredMs = clock.ms;
  private readonly times: PingTimes;

  constructor(times: PingTimes) {
    this.times = times;
  }

  /** It has answered. */
  answered(): void {
    this.awaited = false;
  }

  /** `readMs`: when anything came of it last. */
  look(readMs: number, sent: Sent): Look {
    const { afterMs, withinMs, againMs } = this.times;
    const isUnanswered = this.awaited && readMs <= this.askedMs;
    if (this.isStuck(readMs, sent) || isUnanswered) return { type: 'Dead', againInMs: Infinity };
    this.awaited = false;
    const askInMs = Math.max(afterMs - (clock.ms - readMs), this.askedMs + againMs - clock.ms);
    if (askInMs > 0)
      return { type: 'Fine', againInMs: Math.min(askInMs, sent.undelivered > 0 ? afterMs / 4 : afterMs) };
    this.askedMs = clock.ms;
    this.awaited = true;
    return { type: 'Ask', againInMs: withinMs };
  }

  private isStuck(readMs: number, { written, undelivered }: Sent): boolean {
    const delivered = written - undelivered;
    if (undelivered > 0 && delivered === this.delivered && readMs <= this.deliveredMs)
      return clock.ms - this.deliveredMs >= this.times.afterMs;
    this.delivered = undelivered > 0 ? delivered : -1;
    this.deliveredMs = clock.ms;
    return false;
  }
}
