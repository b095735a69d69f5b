/**
 * Waits for signs that a folder changed. `poke` is called for every sign; `next` resolves once there was a sign and
 * then quiet for `quietMs`, or after `maximumMs` of unrest: a file that is being written is not read half-way.
 */
export class Changes {
  readonly #quietMs: number;
  readonly #maximumMs: number;
  #firstSignAt: number | undefined;
  #lastSignAt = 0;
  #wake: (() => void) | undefined;

  constructor(quietMs: number, maximumMs: number) {
    this.#quietMs = quietMs;
    this.#maximumMs = maximumMs;
  }

  poke(): void {
    this.#lastSignAt = performance.now();
    this.#firstSignAt ??= this.#lastSignAt;
    this.#wake?.();
  }

  /** Resolves to false when the signal aborts. */
  async next(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (this.#firstSignAt === undefined) await this.#sleep(undefined, signal);
      else {
        const due = Math.min(this.#lastSignAt + this.#quietMs, this.#firstSignAt + this.#maximumMs);
        const restMs = due - performance.now();
        if (restMs <= 0) {
          this.#firstSignAt = undefined;
          return true;
        }
        await this.#sleep(restMs, signal);
      }
    }
    return false;
  }

  #sleep(ms: number | undefined, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(done, ms);
      const wake = ms === undefined ? done : undefined;
      function done(this: unknown): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
      this.#wake = wake;
    });
  }
}
