/** `buffer.toString('latin1', start, end)` without its checks; in Node's Buffer since its beginnings, but not in the types. */
export function latin1(buffer: Buffer, start: number, end: number): string {
  return (buffer as Buffer & { latin1Slice(start: number, end: number): string }).latin1Slice(start, end);
}
