import { entrySize } from './entry.ts';
import { type EncoderEntry, type KnownName, lastOf } from './knownName.ts';
import { staticCount } from './staticTable.ts';

// More names than can be in the tables at a time; those that are not are forgotten then.
const maxNames = 256;

/** The dynamic table of an encoder, and what it knows of names that it has met. */
export class EncoderTable {
  readonly names = new Map<string, KnownName>();
  capacity: number;
  /** A power of two long, as many as there can be at a time. */
  private ring: (EncoderEntry | undefined)[] = [];
  private readonly mask: number;
  private added = 0;
  private count = 0;
  private size = 0;

  /** `most`: what `capacity` is at first and never exceeds. */
  constructor(most: number) {
    this.capacity = most;
    this.mask = 2 ** Math.ceil(Math.log2(most / entrySize('', ''))) - 1;
  }

  learn(known: KnownName): void {
    if (this.names.size >= maxNames) this.forget();
    this.names.set(known.name, known);
  }

  /** How many entries are newer than the one with this value, which is thereby used; -1: there is none. */
  ageOf(known: KnownName, value: string): number {
    const entry = known.use(value);
    return entry === undefined ? -1 : this.added - 1 - entry.serial;
  }

  /** An index by which the name can be referred to, or 0. */
  nameIndexOf({ entries }: KnownName): number {
    const newest = entries.at(-1);
    return newest === undefined ? 0 : staticCount + this.added - newest.serial;
  }

  /** Adds an entry, which must not be larger than the table. */
  add(known: KnownName, value: string): void {
    const size = entrySize(known.name, value);
    this.evict(this.capacity - size);
    const entry = { known, value, last: lastOf(value), serial: this.added, size };
    known.entries.push(entry);
    this.ring[this.added & this.mask] = entry;
    this.added++;
    this.count++;
    this.size += size;
  }

  resize(capacity: number): void {
    this.capacity = capacity;
    this.evict(capacity);
  }

  private evict(most: number): void {
    while (this.count > 0 && this.size > most) {
      const oldest = (this.added - this.count) & this.mask;
      const entry = this.ring[oldest];
      this.ring[oldest] = undefined;
      this.count--;
      if (entry === undefined) continue;
      this.size -= entry.size;
      entry.known.entries.shift();
    }
  }

  private forget(): void {
    for (const [name, { entries }] of this.names) if (entries.length === 0) this.names.delete(name);
  }
}
