import { latin1 } from '../socket/latin1.ts';

export const maxHeadBytes = 65_536;

/**
 * A head while it is read: as bytes for looking at every character, which costs less than half of what it costs in a
 * string, and as the text that its fields are positions in (`text` at 0 is `bytes` at `start`).
 */
export type HeadBytes = {
  readonly bytes: Uint8Array;
  readonly start: number;
  /** Position in `bytes` of the CRLFCRLF that ends the head. */
  readonly end: number;
  readonly text: string;
};

/** The head in `buffer` from `start` to its CRLFCRLF at `end`. */
export function headIn(buffer: Buffer, start: number, end: number): HeadBytes {
  return { bytes: buffer, start, end, text: latin1(buffer, start, end + 4) };
}

/** A head that came in pieces; `end` is the index of its CRLFCRLF. */
export function headOf(text: string, end: number): HeadBytes {
  return { bytes: Buffer.from(text, 'latin1'), start: 0, end, text };
}

/** Collects the bytes of one head after another until it is whole; a head that comes in one read is not copied. */
export class HeadReader {
  /** What has come of a head that is not whole. */
  text = '';
  /** Where in its buffer the last head ended. */
  next = 0;

  /** The head, once its end is among the bytes from `at` to `length`; else they are kept in `text`. */
  read(buffer: Buffer, at: number, length: number): HeadBytes | undefined {
    const seen = this.text.length;
    const whole = seen === 0 ? findHeadEnd(buffer, at, length) : -1;
    if (whole >= 0) {
      this.next = whole + 4;
      return headIn(buffer, at, whole);
    }
    this.text += latin1(buffer, at, length);
    const end = seen === 0 ? -1 : this.text.indexOf('\r\n\r\n', Math.max(0, seen - 3));
    if (end < 0 || end > maxHeadBytes) return undefined;
    const { text } = this;
    this.text = '';
    this.next = at + end + 4 - seen;
    return headOf(text, end);
  }
}

const cr = 13;
const lf = 10;

/** Position of the first CRLFCRLF in `buffer` between `at` and `length`, or -1: steps over most bytes without a look. */
export function findHeadEnd(buffer: Uint8Array, at: number, length: number): number {
  let last = at + 3;
  while (last < length) {
    const byte = buffer[last];
    if (byte === lf) {
      if (buffer[last - 1] === cr && buffer[last - 2] === lf && buffer[last - 3] === cr) return last - 3;
      last += 2;
    } else last += byte === cr ? 1 : 4;
  }
  return -1;
}
