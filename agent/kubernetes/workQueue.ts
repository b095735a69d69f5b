/** Keys that wait for their work: each once, at most `concurrency` under way, never the same key twice at a time. */
export class WorkQueue {
  readonly #concurrency: number;
  readonly #work: (key: string) => Promise<void>;
  readonly #waiting = new Set<string>();
  readonly #active = new Set<string>();
  readonly #delayed = new Map<string, NodeJS.Timeout>();
  readonly #idle: (() => void)[] = [];

  /** `work` must not reject. */
  constructor(concurrency: number, work: (key: string) => Promise<void>) {
    this.#concurrency = concurrency;
    this.#work = work;
  }

  /** Keys that wait now or for their time. */
  get size(): number {
    return this.#waiting.size + this.#delayed.size;
  }

  /** Has the work of a key done as soon as there is room; once more if it is under way. */
  add(key: string): void {
    this.#undelay(key);
    this.#waiting.add(key);
    this.#turn();
  }

  /** Adds the key after so long, unless it was added before. */
  addAfter(key: string, ms: number): void {
    if (this.#waiting.has(key) || this.#delayed.has(key)) return;
    this.#delayed.set(
      key,
      setTimeout(() => this.add(key), ms),
    );
  }

  /** Forgets all that wait; what is under way is left to end. */
  clear(): void {
    this.#waiting.clear();
    for (const key of this.#delayed.keys()) this.#undelay(key);
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    if (this.#active.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #undelay(key: string): void {
    clearTimeout(this.#delayed.get(key));
    this.#delayed.delete(key);
  }

  #turn(): void {
    for (const key of this.#waiting) {
      if (this.#active.size >= this.#concurrency) return;
      if (this.#active.has(key)) continue;
      this.#waiting.delete(key);
      this.#active.add(key);
      void this.#work(key).finally(() => {
        this.#active.delete(key);
        this.#turn();
        if (this.#active.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
      });
    }
  }
}
