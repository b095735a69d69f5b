/** So many characters of a text at most, on their own: of a text of which `slice` keeps a part, V8 keeps the whole. */
export function beginningOf(text: string, length: number): string {
  return Buffer.from(text.slice(0, length)).toString();
}
