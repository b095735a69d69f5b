type WithLatin1 = Buffer & { latin1Slice(start: number, end: number): string };

let lastBuffer: Buffer | undefined;
let lastStart = 0;
let lastEnd = 0;
let lastText = '';

/**
 * `buffer.toString('latin1', start, end)` without its checks (`latin1Slice` is in Node's Buffer since its beginnings, but not
 * in the types). A part of the text that was asked for last is cut out of it: a head and the small body behind it come in
 * one read, and are made a string once.
 */
export function latin1(buffer: Buffer, start: number, end: number): string {
  if (buffer === lastBuffer && start >= lastStart && end <= lastEnd)
    return lastText.slice(start - lastStart, end - lastStart);
  lastBuffer = buffer;
  lastStart = start;
  lastEnd = end;
  lastText = (buffer as WithLatin1).latin1Slice(start, end);
  return lastText;
}

/** To be called when a buffer gets new bytes. */
export function forgetLatin1(): void {
  lastBuffer = undefined;
}
