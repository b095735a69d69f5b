// RFC 7541 section 4.1: what an entry counts beyond its octets.
const overhead = 32;

/** One entry of a header table: its strings are made once, however often it is referred to. */
export class HeaderEntry {
  readonly name: string;
  readonly value: string;
  /** As RFC 7541 section 4.1 counts it. */
  readonly size: number;
  /** Kept for the sinks: one has found the field well-formed, so that none need look at its characters again. */
  isSound = false;

  constructor(name: string, value: string) {
    this.name = name;
    this.value = value;
    this.size = entrySize(name, value);
  }
}

/** What a field counts in a header table, and in the size of a header list (RFC 9113 section 6.5.2). */
export function entrySize(name: string, value: string): number {
  return name.length + value.length + overhead;
}
