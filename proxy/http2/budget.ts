import { clock } from '../socket/clock.ts';

// An honest peer spends no more than this at once, whatever it does; and a busy one earns what it spends.
const most = 1000;
const perSecond = 200;

/**
 * What a peer may have us do that is no request: PING, SETTINGS, RST_STREAM, WINDOW_UPDATE, frames that carry nothing. It is
 * earned by time, by requests that come to their end, and by DATA.
 */
export class Budget {
  private left = most;
  private countedMs = clock.ms;

  /** False: it is spent. */
  spend(cost: number): boolean {
    this.left -= cost;
    if (this.left >= 0) return true;
    // The time is counted only when it is needed.
    this.earn(((clock.ms - this.countedMs) / 1000) * perSecond);
    this.countedMs = clock.ms;
    return this.left >= 0;
  }

  earn(gain: number): void {
    this.left = Math.min(most, this.left + gain);
  }
}

/** Of a DATA frame that earns something, if it does not end its stream: a byte at a time costs more than it is worth. */
export const leastEarning = 1024;

/** What one of each costs or earns. */
export const prices = {
  /** A frame that asks for an answer, or ends a stream before its time. */
  asked: 1,
  /** A SETTINGS frame: each looks at all streams, so many at this price. */
  streamsLookedAt: 32,
  /** Earned by a request that came to its end. */
  done: 2,
  /** Earned by a DATA frame of `leastEarning` bytes, or the last one of what it belongs to. */
  data: 3,
} as const;
