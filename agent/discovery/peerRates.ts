import { TokenBucket } from '../../runtime/tokenBucket.ts';

/** Of more peers than these, the one not heard of for longest is forgotten. */
const rememberedPeers = 4096;

/** Says of each peer whether it may do something once more, so that none does it faster than `rate`. */
export class PeerRates {
  readonly #rate: { readonly perSecond: number; readonly burst: number };
  readonly #nowMs: () => number;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(rate: { readonly perSecond: number; readonly burst: number }, nowMs = (): number => performance.now()) {
    this.#rate = rate;
    this.#nowMs = nowMs;
  }

  allows(peer: string): boolean {
    const now = this.#nowMs();
    const bucket = this.#buckets.get(peer) ?? new TokenBucket(this.#rate, now);
    this.#buckets.delete(peer);
    this.#buckets.set(peer, bucket);
    if (this.#buckets.size > rememberedPeers) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return bucket.tryTake(now);
  }
}
