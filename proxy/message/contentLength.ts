/**
 * The number that `text` from `start` to `end` is: 1*DIGIT up to 2^53-1, leading zeros too (RFC 9110 section 8.6); -1 for
 * anything else.
 */
export function readContentLength(text: string, start: number, end: number): number {
  let length = end > start ? 0 : -1;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    length = length * 10 + digit;
    if (length > Number.MAX_SAFE_INTEGER) return -1;
  }
  return length;
}
