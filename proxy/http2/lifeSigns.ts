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

/** What is to be done about a connection now, and when it is to be looked at again. */
export type Look = { readonly type: 'Fine' | 'Ask' | 'Dead'; readonly againInMs: number };

/** Asks a connection for a sign of life where requests wait on it and nothing comes. */
export class LifeSigns {
  private askedMs = -Infinity;
  private awaited = false;
  private readonly times: PingTimes;

  constructor(times: PingTimes) {
    this.times = times;
  }

  /** It has answered. */
  answered(): void {
    this.awaited = false;
  }

  /** `readMs`: when anything came of it last. */
  look(readMs: number): Look {
    const { afterMs, withinMs, againMs } = this.times;
    if (this.awaited && readMs <= this.askedMs) return { type: 'Dead', againInMs: Infinity };
    this.awaited = false;
    const againInMs = Math.max(afterMs - (clock.ms - readMs), this.askedMs + againMs - clock.ms);
    if (againInMs > 0) return { type: 'Fine', againInMs };
    this.askedMs = clock.ms;
    this.awaited = true;
    return { type: 'Ask', againInMs: withinMs };
  }
}
