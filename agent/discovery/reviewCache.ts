import { hash } from 'node:crypto';
import type { Review } from './tokenReview.ts';

export type ReviewCacheOptions = {
  readonly review: (token: string) => Promise<Review>;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** Pods that are kept, and refusals, apart: anybody can make those. The one not used for longest goes first. */
  readonly size?: number;
  readonly refusals?: number;
  /** Reviews under way at a time, and callers that may wait for their turn. */
  readonly underWay?: number;
  readonly waiting?: number;
};

type Entry = { readonly review: Review; readonly freshUntilMs: number; readonly usableUntilMs: number };

const freshForMs = 600_000;
const beforeExpiryMs = 60_000;
const refusedForMs = 5000;

const overloaded: Review = { type: 'unavailable', message: 'too many tokens are being reviewed; try again' };

const tooOften: Review = {
  type: 'unavailable',
  message: 'this address brings too many tokens that nobody knows yet; try again',
};

/**
 * Remembers whose a token is, by its SHA-256: for ten minutes, at most until a minute before it expires; a refusal for
 * five seconds. While nobody can be asked, what was known serves until the token expires.
 */
export class ReviewCache {
  readonly #options: Required<ReviewCacheOptions>;
  readonly #pods = new Map<string, Entry>();
  readonly #refusals = new Map<string, Entry>();
  readonly #running = new Map<string, Promise<Review>>();
  readonly #turns: (() => void)[] = [];
  #underWay = 0;

  constructor(options: ReviewCacheOptions) {
    this.#options = { size: 4096, refusals: 512, underWay: 16, waiting: 256, ...options };
  }

  /**
   * Whose the token is; calls for one token at one time are one review. `expiresMs` is the token's own claim; `mayAsk` is
   * asked where it needs a review.
   */
  async get(token: string, expiresMs: number | undefined, mayAsk = (): boolean => true): Promise<Review> {
    const key = hash('sha256', token, 'base64url');
    const known = this.#find(key);
    const now = this.#options.now();
    if (known !== undefined && now < known.freshUntilMs) {
      this.#keep(key, known);
      return known.review;
    }
    let running = this.#running.get(key);
    if (running === undefined) {
      if (!mayAsk()) return known !== undefined && now < known.usableUntilMs ? known.review : tooOften;
      running = this.#review(token).finally(() => this.#running.delete(key));
      this.#running.set(key, running);
    }
    const review = await running;
    if (review.type !== 'unavailable') {
      this.#keep(key, entryOf(review, this.#options.now(), expiresMs ?? Infinity));
      return review;
    }
    return known !== undefined && now < known.usableUntilMs ? known.review : review;
  }

  async #review(token: string): Promise<Review> {
    if (this.#underWay >= this.#options.underWay) {
      if (this.#turns.length >= this.#options.waiting) return overloaded;
      await new Promise<void>((resolve) => this.#turns.push(resolve));
    } else this.#underWay += 1;
    try {
      return await this.#options.review(token);
    } finally {
      const next = this.#turns.shift();
      if (next === undefined) this.#underWay -= 1;
      else next();
    }
  }

  #find(key: string): Entry | undefined {
    return this.#pods.get(key) ?? this.#refusals.get(key);
  }

  #keep(key: string, entry: Entry): void {
    this.#pods.delete(key);
    this.#refusals.delete(key);
    const isPod = entry.review.type === 'pod';
    const entries = isPod ? this.#pods : this.#refusals;
    entries.set(key, entry);
    const [oldest] = entries.keys();
    const size = isPod ? this.#options.size : this.#options.refusals;
    if (entries.size > size && oldest !== undefined) entries.delete(oldest);
  }
}

function entryOf(review: Review, now: number, expiresMs: number): Entry {
  if (review.type === 'refused') return { review, freshUntilMs: now + refusedForMs, usableUntilMs: 0 };
  return { review, freshUntilMs: Math.min(now + freshForMs, expiresMs - beforeExpiryMs), usableUntilMs: expiresMs };
}
