import { HeaderEntry } from './entry.ts';

/** The dynamic table of a decoder (RFC 7541 section 2.3.2): a ring, in which the newest entry has index 0. */
export class DecoderTable {
  /** A power of two long. */
  private ring: (HeaderEntry | undefined)[] = [];
  /** How many were ever added. */
  private added = 0;
  private count = 0;
  private size = 0;
  private capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get(index: number): HeaderEntry | undefined {
    return index < this.count ? this.ring[(this.added - 1 - index) & (this.ring.length - 1)] : undefined;
  }

  /** One that is larger than the table empties it (RFC 7541 section 4.4). */
  add(entry: HeaderEntry): void {
    this.evict(this.capacity - entry.size);
    if (entry.size > this.capacity) return;
    if (this.count === this.ring.length) this.grow();
    this.ring[this.added & (this.ring.length - 1)] = entry;
    this.added++;
    this.count++;
    this.size += entry.size;
  }

  resize(capacity: number): void {
    this.capacity = capacity;
    this.evict(capacity);
  }

  private evict(most: number): void {
    while (this.count > 0 && this.size > most) {
      const oldest = (this.added - this.count) & (this.ring.length - 1);
      this.size -= this.ring[oldest]?.size ?? 0;
      this.ring[oldest] = undefined;
      this.count--;
    }
  }

  private grow(): void {
    const { ring, added, count } = this;
    const grown = Array<HeaderEntry | undefined>(Math.max(16, ring.length * 2)).fill(undefined);
    for (let age = 1; age <= count; age++)
      grown[(added - age) & (grown.length - 1)] = ring[(added - age) & (ring.length - 1)];
    this.ring = grown;
  }
}
