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

  /** Takes tokens, and returns how long to wait before using them: 0 when they were there. */
  take(nowMs: number, count = 1): number {
    this.#earn(nowMs);
    this.#tokens -= count;
    return Math.max(0, (-this.#tokens / this.#perSecond) * 1000);
  }

  /** Takes a token if there is one now; who is told no owes nothing. */
  tryTake(nowMs: number): boolean {
    this.#earn(nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #earn(nowMs: number): void {
    const earned = ((nowMs - this.#countedAtMs) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    this.#countedAtMs = nowMs;
  }
}
