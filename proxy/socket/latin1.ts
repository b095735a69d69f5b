type WithLatin1 = Buffer & {
  latin1Slice(start: number, end: number): string;
  latin1Write(text: string, at: number): number;
};

/**
 * `buffer.toString('latin1', start, end)` without its checks (`latin1Slice` and `latin1Write` are in Node's Buffer since its
 * beginnings, but not in the types).
 */
export function latin1(buffer: Buffer, start: number, end: number): string {
  return (buffer as WithLatin1).latin1Slice(start, end);
}

/** `buffer.write(text, at, 'latin1')` without its checks: there must be room. Returns how many bytes were written. */
export function putLatin1(buffer: Buffer, text: string, at: number): number {
  return (buffer as WithLatin1).latin1Write(text, at);
}
