/** `bulk`: one of very many that came together, which must not hold up what comes singly. */
export type Lane = 'single' | 'bulk';

/**
 * Keys that wait for their work: each once, at most `concurrency` under way, never the same key twice at a time. Where
 * keys wait in both lanes, they take turns.
 */
export class WorkQueue {
  readonly #concurrency: number;
  readonly #work: (key: string) => Promise<void>;
  readonly #waiting = { single: new Set<string>(), bulk: new Set<string>() } satisfies Record<Lane, Set<string>>;
  #turnOf: Lane = 'single';
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
    return this.#waiting.single.size + this.#waiting.bulk.size + this.#delayed.size;
  }

  /** Has the work of a key done as soon as there is room; once more if it is under way. A single one is no bulk any more. */
  add(key: string, lane: Lane = 'single'): void {
    this.#undelay(key);
    if (lane === 'single') this.#waiting.bulk.delete(key);
    if (!this.#waiting.single.has(key)) this.#waiting[lane].add(key);
    this.#turn();
  }

  /** Adds the key after so long, unless it was added before. */
  addAfter(key: string, ms: number): void {
    if (this.#isWaiting(key) || this.#delayed.has(key)) return;
    this.#delayed.set(
      key,
      setTimeout(() => this.add(key), ms),
    );
  }

  /** Forgets all that wait; what is under way is left to end. */
  clear(): void {
    this.#waiting.single.clear();
    this.#waiting.bulk.clear();
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

  #isWaiting(key: string): boolean {
    return this.#waiting.single.has(key) || this.#waiting.bulk.has(key);
  }

  #turn(): void {
    while (this.#active.size < this.#concurrency) {
      const other: Lane = this.#turnOf === 'single' ? 'bulk' : 'single';
      const ofTurn = this.#take(this.#turnOf);
      const key = ofTurn ?? this.#take(other);
      if (key === undefined) return;
      if (ofTurn !== undefined) this.#turnOf = other;
      this.#active.add(key);
      void this.#work(key).finally(() => {
        this.#active.delete(key);
        this.#turn();
        if (this.#active.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
      });
    }
  }

  #take(lane: Lane): string | undefined {
    const key = this.#waiting[lane].values().find((waiting) => !this.#active.has(waiting));
    if (key !== undefined) this.#waiting[lane].delete(key);
    return key;
  }
}
