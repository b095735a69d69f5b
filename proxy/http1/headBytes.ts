import { latin1 } from '../socket/latin1.ts';

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
