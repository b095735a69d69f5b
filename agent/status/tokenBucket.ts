/** Lets `burst` through at once and `perSecond` in the long run, in the order of asking. Times are milliseconds. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #countedAtMs: number;

  constructor(rate: { readonly perSecond: number; readonly burst: number }, nowMs: number) {
    this.#perSecond = rate.perSecond;
    this.#burst = rate.burst;
    this.#tokens = rate.burst;
    this.#countedAtMs = nowMs;
  }

  /** Takes a token, and returns how long to wait before using it: 0 when one was there. */
  take(nowMs: number): number {
    const earned = ((nowMs - this.#countedAtMs) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned) - 1;
    this.#countedAtMs = nowMs;
    return Math.max(0, (-this.#tokens / this.#perSecond) * 1000);
  }
}
