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

/**
 * What it costs a client to give up a request after so many milliseconds, of a budget that only time and its other requests
 * earn. Who resets at once has its requests begun and ended without end, and never more under way than it may (rapid reset,
 * CVE-2023-44487): 200 a second. Who has waited holds one of its streams meanwhile, and is bounded by them the more the longer it
 * waits: timeouts of 10 ms may run out 2,200 times a second without an answer in between, and from 72 ms on there are fewer
 * streams than may be given up in that time.
 */
export function priceOfReset(waitedMs: number): number {
  return prices.asked / (1 + waitedMs);
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
  /** The same for giving up others: of a hedged request of gRPC four of five are in vain, and are given up at once. */
  hedged: 4,
  /** A stream that broke a rule: its peer has us reset it, which is no less work than if it did so itself. */
  broken: 5,
  /** Earned by a DATA frame of `leastEarning` bytes, or the last one of what it belongs to. */
  data: 3,
} as const;
