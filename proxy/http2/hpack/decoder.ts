import { latin1 } from '../../socket/latin1.ts';
import { DecoderTable } from './decoderTable.ts';
import { HeaderEntry } from './entry.ts';
import { decodeHuffman, mostDecoded } from './huffman.ts';
import { staticCount, staticTable } from './staticTable.ts';

/** Whether who passes a field on may put it into a table, or must write it as a literal as it came (RFC 7541 section 7.1.3). */
export type Indexing = 'may' | 'never';

/** Who gets the fields of a header block, in order; names and values as latin1 text. */
export interface HeaderSink {
  /** `entry`: where both stand in a table, from which they may come again. */
  onField(name: string, value: string, indexing: Indexing, entry?: HeaderEntry): void;
}

/** Why a header block cannot be decoded: a COMPRESSION_ERROR, after which nothing of its connection can be (RFC 9113 section 4.3). */
export type HpackProblem = { readonly reason: string };

const problem = (reason: string): HpackProblem => Object.freeze({ reason });

/** Every way a header block can be wrong. */
export const hpackProblems = {
  truncated: problem('a header block ends within a field'),
  integer: problem('an integer of a header block is too large or too long'),
  index: problem('a header block refers to an entry that no table has'),
  huffman: problem(
    'a Huffman-coded string holds the end-of-string symbol, or is padded with anything but up to 7 ones',
  ),
  tableSize: problem('a header block makes the table larger than was allowed'),
  lateUpdate: problem('a header block changes the size of the table behind its first field'),
} as const satisfies Record<string, HpackProblem>;

/** The size of a table before its decoder says anything else (RFC 9113 section 6.5.2). */
const initialTableSize = 4096;
// Five octets hold every integer that could be meant (RFC 7541 section 5.1 wants a limit).
const maxContinuation = 5;
const maxInteger = 0xffff_ffff;
const wrong = -1;

// Strings are decoded here, one at a time; longer ones get a buffer of their own.
const scratch = Buffer.allocUnsafeSlow(8192);

/** Decodes the header blocks of one direction of a connection, in the order in which they came (RFC 7541). */
export class HpackDecoder {
  private buffer: Buffer = scratch;
  private at = 0;
  private end = 0;
  private problem: HpackProblem | undefined;
  private readonly maxTableSize: number;
  private readonly table: DecoderTable;

  /** `maxTableSize`: what our SETTINGS_HEADER_TABLE_SIZE says, which must not be less than its initial value. */
  constructor(maxTableSize: number) {
    this.maxTableSize = maxTableSize;
    this.table = new DecoderTable(initialTableSize);
  }

  /** Decodes one whole block, of which the bytes are looked at no more once it returns. */
  decode(buffer: Buffer, start: number, end: number, sink: HeaderSink): HpackProblem | undefined {
    this.buffer = buffer;
    this.at = start;
    this.end = end;
    this.problem = undefined;
    let fields = 0;
    while (this.at < end && this.problem === undefined) {
      const first = buffer[this.at] ?? 0;
      if (first >= 128) this.readIndexed(first, sink);
      else if (first >= 64) this.readLiteral(63, sink);
      else if (first < 32) this.readLiteral(15, sink);
      else this.readSizeUpdate(fields);
      if (first >= 64 || first < 32) fields++;
    }
    this.buffer = scratch;
    return this.problem;
  }

  private readIndexed(first: number, sink: HeaderSink): void {
    const index = first === 255 ? this.readInteger(127) : first & 127;
    if (first !== 255) this.at++;
    const entry = this.entryAt(index);
    if (entry !== undefined) sink.onField(entry.name, entry.value, 'may', entry);
  }

  /** `prefix`: 63 for a literal that comes into the table, 15 for one that does not. */
  private readLiteral(prefix: 63 | 15, sink: HeaderSink): void {
    const first = this.buffer[this.at] ?? 0;
    const index = this.readInteger(prefix);
    if (index === wrong) return undefined;
    const name = index === 0 ? this.readString() : this.entryAt(index)?.name;
    if (name === undefined) return undefined;
    const value = this.readString();
    if (value === undefined) return undefined;
    if (prefix === 15) return sink.onField(name, value, first >= 16 ? 'never' : 'may');
    const entry = new HeaderEntry(name, value);
    this.table.add(entry);
    return sink.onField(name, value, 'may', entry);
  }

  private readSizeUpdate(fieldsBefore: number): void {
    if (fieldsBefore > 0) this.problem = hpackProblems.lateUpdate;
    const size = this.readInteger(31);
    if (size > this.maxTableSize) this.problem = hpackProblems.tableSize;
    else if (this.problem === undefined) this.table.resize(size);
  }

  private entryAt(index: number): HeaderEntry | undefined {
    if (index === wrong) return undefined;
    const entry = index > staticCount ? this.table.get(index - staticCount - 1) : staticTable[index];
    if (entry !== undefined && index > 0) return entry;
    this.problem = hpackProblems.index;
    return undefined;
  }

  private readString(): string | undefined {
    if (this.at >= this.end) {
      this.problem = hpackProblems.truncated;
      return undefined;
    }
    const isHuffman = (this.buffer[this.at] ?? 0) >= 128;
    const length = this.readInteger(127);
    if (length === wrong) return undefined;
    const start = this.at;
    if (length > this.end - start) {
      this.problem = hpackProblems.truncated;
      return undefined;
    }
    this.at = start + length;
    return isHuffman ? this.readHuffman(start, this.at) : latin1(this.buffer, start, this.at);
  }

  private readHuffman(start: number, end: number): string | undefined {
    const most = mostDecoded(end - start);
    const into = most > scratch.length ? Buffer.allocUnsafeSlow(most) : scratch;
    const length = decodeHuffman(this.buffer, start, end, into);
    if (length >= 0) return latin1(into, 0, length);
    this.problem = hpackProblems.huffman;
    return undefined;
  }

  /** An integer whose first octet has the bits of `prefix` for it (RFC 7541 section 5.1), or `wrong`. */
  private readInteger(prefix: number): number {
    const { buffer, end } = this;
    let value = (buffer[this.at++] ?? 0) & prefix;
    if (value < prefix) return value;
    let scale = 1;
    for (let octets = 0; octets < maxContinuation; octets++) {
      if (this.at >= end) {
        this.problem = hpackProblems.truncated;
        return wrong;
      }
      const octet = buffer[this.at++] ?? 0;
      value += (octet & 127) * scale;
      if (octet < 128) {
        if (value <= maxInteger) return value;
        break;
      }
      scale *= 128;
    }
    this.problem = hpackProblems.integer;
    return wrong;
  }
}
