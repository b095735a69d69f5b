import { Kept } from '../message/kept.ts';
import { isValue } from '../message/characters.ts';
import { findHeadEnd, type HeadBytes, headIn } from './headBytes.ts';
import { maxFields, maxHeadBytes, maxMethodBytes, maxTargetBytes, maxTrailerBytes } from '../message/limits.ts';
import { type Refusal, refusals } from '../message/refusal.ts';

/** What lines are read: how many, how many bytes at most, and what is wrong with the beginning of the first one. */
type Section = {
  readonly maxBytes: number;
  readonly maxLines: number;
  /** Bytes of the first line, whose length is a matter of its own. */
  readonly maxFirstLine: number;
  readonly tooLarge: Refusal;
  readonly refuseStart: (bytes: Uint8Array, end: number) => Refusal | undefined;
};

/** A head: its first line and fields. */
export function headSection(refuseStart: Section['refuseStart']): Section {
  return {
    maxBytes: maxHeadBytes,
    maxLines: maxFields + 1,
    // A method, a target, the version and the spaces between them.
    maxFirstLine: maxMethodBytes + maxTargetBytes + 16,
    tooLarge: refusals.headTooLarge,
    refuseStart,
  };
}

/** Trailer fields; the line before them, which the reader is given first, counts. */
export const trailerSection: Section = {
  maxBytes: maxTrailerBytes,
  maxLines: maxFields + 1,
  maxFirstLine: maxTrailerBytes,
  tooLarge: refusals.trailers,
  refuseStart: () => undefined,
};

const cr = 13;
const lf = 10;

/**
 * Collects the bytes of one head after another until it is whole. One that comes in one read is not copied; of one that
 * comes in pieces each byte is looked at once, so that what cannot become a head is refused at once.
 */
export class HeadReader {
  /** Where in its buffer the last head ended. */
  next = 0;
  /** Why what has come cannot become a head. */
  refusal: Refusal | undefined;
  private lines = 0;
  private readonly kept = new Kept();
  private readonly section: Section;

  constructor(section: Section) {
    this.section = section;
  }

  /** How many bytes have come of a head that is not whole. */
  get length(): number {
    return this.kept.length;
  }

  /** Bytes of memory for it. */
  get held(): number {
    return this.kept.held;
  }

  /** Whether what has come begins with these characters. */
  startsWith(text: string): boolean {
    return this.kept.bytes.toString('latin1', 0, Math.min(text.length, this.kept.end)) === text;
  }

  /** The first bytes of what has come, as text. */
  beginning(length: number): string {
    return this.kept.bytes.toString('latin1', 0, Math.min(length, this.kept.end));
  }

  /** The head, once its end is among the bytes from `at` to `length`; else they are kept, unless `refusal` says why not. */
  read(buffer: Buffer, at: number, length: number): HeadBytes | undefined {
    if (this.kept.length > 0) return this.readOn(buffer, at, length);
    const whole = findHeadEnd(buffer, at, length);
    if (whole < 0) return this.readOn(buffer, at, length);
    this.next = whole + 4;
    if (whole - at <= this.section.maxBytes) return headIn(buffer, at, whole);
    this.refusal = this.section.tooLarge;
    return undefined;
  }

  release(): void {
    this.kept.release();
    this.lines = 0;
    this.refusal = undefined;
  }

  private readOn(buffer: Buffer, at: number, length: number): HeadBytes | undefined {
    const { kept } = this;
    const seen = kept.end;
    kept.add(buffer, at, length);
    const end = this.look(seen);
    if (end < 0) return undefined;
    const { bytes } = kept;
    this.next = at + end + 4 - seen;
    this.release();
    return headIn(bytes, 0, end);
  }

  /** Where the head ends, or -1 when it does not yet or must not. */
  private look(from: number): number {
    const { section } = this;
    const { bytes, end } = this.kept;
    const wrong = this.lines === 0 ? section.refuseStart(bytes, end) : undefined;
    if (wrong !== undefined) return this.refuse(wrong);
    for (let at = from; at < end; at++) {
      const byte = bytes[at] ?? 0;
      const behindCr = bytes[at - 1] === cr;
      if (byte === lf) {
        if (!behindCr) return this.refuse(refusals.lineEnd);
        if (bytes[at - 2] === lf && bytes[at - 3] === cr)
          return at - 3 > section.maxBytes ? this.refuse(section.tooLarge) : at - 3;
        if (++this.lines > section.maxLines) return this.refuse(refusals.tooManyFields);
      } else if (behindCr || (isValue[byte] !== 1 && byte !== cr)) return this.refuse(refusals.character);
    }
    if (end > section.maxBytes + 3) return this.refuse(section.tooLarge);
    return this.lines === 0 && end > section.maxFirstLine ? this.refuse(refusals.targetTooLong) : -1;
  }

  private refuse(refusal: Refusal): number {
    this.refusal = refusal;
    return -1;
  }
}
