import { latin1, putLatin1 } from '../../socket/latin1.ts';
import { EncoderTable } from './encoderTable.ts';
import { entrySize } from './entry.ts';
import { type KnownName, knownNameOf } from './knownName.ts';
import { staticCount } from './staticTable.ts';

/** The patterns of the representations and how many bits each leaves for its integer (RFC 7541 section 6). */
const indexed = { pattern: 0x80, mask: 0x7f } as const;
const added = { pattern: 0x40, mask: 0x3f } as const;
const sizeUpdate = { pattern: 0x20, mask: 0x1f } as const;
const neverIndexed = { pattern: 0x10, mask: 0x0f } as const;
const notIndexed = { pattern: 0, mask: 0x0f } as const;
const plainString = { pattern: 0, mask: 0x7f } as const;

// No table of ours is larger, however much a peer allows: each entry is held by every connection.
const maxTableSize = 4096;
// Nothing longer is remembered or put into the table: it would drive out what is.
const maxKnownNameLength = 64;
const maxShare = 2;
// Integers and the two lengths of a literal, at their longest.
const overhead = 18;

// One for all encoders: what one writes is taken away before another begins.
let shared = Buffer.allocUnsafeSlow(4096);

/**
 * Encodes the header blocks of one direction of a connection (RFC 7541). Strings are never Huffman-coded: what is sent
 * often is an index, and of the rest decoding alone takes twice as long then (test/bench/hpack.ts), for a sixth of the bytes.
 */
export class HpackEncoder {
  /** How many bytes of `bytes` the present block has. */
  length = 0;
  private readonly table = new EncoderTable(maxTableSize);
  /** The smallest size that the peer has not been told of yet (RFC 7541 section 4.2), or Infinity. */
  private smallest = Infinity;

  /** Where the block stands that was begun last, of any encoder. */
  get bytes(): Buffer {
    return shared;
  }

  /** What the peer's SETTINGS_HEADER_TABLE_SIZE allows from now on; the next block tells what comes of it. */
  limitTableSize(size: number): void {
    const capacity = Math.min(size, maxTableSize);
    if (capacity === this.table.capacity) return;
    this.smallest = Math.min(this.smallest, capacity);
    this.table.resize(capacity);
  }

  /** Begins a block. */
  begin(): void {
    this.length = 0;
    const { smallest } = this;
    if (smallest === Infinity) return;
    this.smallest = Infinity;
    this.makeRoom(0);
    if (smallest < this.table.capacity) this.putInteger(sizeUpdate, smallest);
    this.putInteger(sizeUpdate, this.table.capacity);
  }

  /** Writes a field; the name is in lower case. What is secret is written as never indexed (RFC 7541 section 7.1.3). */
  field(lowerName: string, value: string): void {
    this.makeRoom(lowerName.length + value.length);
    const known = this.table.names.get(lowerName) ?? this.learn(lowerName);
    if (known === undefined) return this.putLiteral(notIndexed, lowerName, value);
    if (known.isSecret(value)) return this.putNamed(neverIndexed, known, value);
    const index = known.staticIndexOf(value);
    if (index > 0) return this.putInteger(indexed, index);
    const age = this.table.ageOf(known, value);
    if (age >= 0) return this.putInteger(indexed, staticCount + 1 + age);
    if (!this.isWorthAnEntry(known, value)) return this.putNamed(notIndexed, known, value);
    this.putNamed(added, known, value);
    // The value as it was written: the one given may be a piece of a whole message, which it would keep in memory.
    this.table.add(known, latin1(shared, this.length - value.length, this.length));
  }

  /** Writes a field that came as never indexed, or is to be handled so by whoever passes it on. */
  secretField(lowerName: string, value: string): void {
    this.makeRoom(lowerName.length + value.length);
    const known = this.table.names.get(lowerName) ?? this.learn(lowerName);
    if (known === undefined) this.putLiteral(neverIndexed, lowerName, value);
    else this.putNamed(neverIndexed, known, value);
  }

  private learn(name: string): KnownName | undefined {
    if (name.length > maxKnownNameLength) return undefined;
    const { length } = this;
    putLatin1(shared, name, length);
    const known = knownNameOf(latin1(shared, length, length + name.length));
    this.table.learn(known);
    return known;
  }

  private isWorthAnEntry(known: KnownName, value: string): boolean {
    return entrySize(known.name, value) * maxShare <= this.table.capacity && known.mayBeAdded();
  }

  private putNamed(as: typeof added | typeof neverIndexed | typeof notIndexed, known: KnownName, value: string): void {
    const index = known.staticIndex > 0 ? known.staticIndex : this.table.nameIndexOf(known);
    if (index === 0) return this.putLiteral(as, known.name, value);
    this.putInteger(as, index);
    this.putString(value);
  }

  private putLiteral(
    { pattern }: typeof added | typeof neverIndexed | typeof notIndexed,
    name: string,
    value: string,
  ): void {
    shared[this.length++] = pattern;
    this.putString(name);
    this.putString(value);
  }

  private putString(text: string): void {
    this.putInteger(plainString, text.length);
    this.length += putLatin1(shared, text, this.length);
  }

  private putInteger({ pattern, mask }: { readonly pattern: number; readonly mask: number }, value: number): void {
    let at = this.length;
    if (value < mask) shared[at++] = pattern | value;
    else {
      shared[at++] = pattern | mask;
      let rest = value - mask;
      while (rest >= 128) {
        shared[at++] = (rest & 127) | 128;
        rest >>>= 7;
      }
      shared[at++] = rest;
    }
    this.length = at;
  }

  private makeRoom(bytes: number): void {
    const needed = this.length + bytes + overhead;
    if (needed <= shared.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, shared.length * 2));
    shared.copy(grown, 0, 0, this.length);
    shared = grown;
  }
}
