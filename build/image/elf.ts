/** What the dynamic loader reads of a program or library. `machine` is ELF's number of the processor. */
export type Binary = { readonly machine: number; readonly interpreter: string | undefined; readonly needed: string[] };

const segment = { load: 1, dynamic: 2, interpreter: 3 } as const;
const tag = { end: 0, needed: 1, strings: 5 } as const;

/**
 * Reads a 64-bit little-endian ELF file by elf(5); undefined for any other file. Throws a RangeError for one that is cut
 * off.
 */
export function readBinary(bytes: Buffer): Binary | undefined {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) return undefined;
  const segments = readSegments(bytes);
  const interpreter = segments.find(({ type }) => type === segment.interpreter);
  return {
    machine: bytes.readUInt16LE(18),
    interpreter: interpreter === undefined ? undefined : textAt(bytes, interpreter.offset),
    needed: readNeeded(bytes, segments),
  };
}

type Segment = { readonly type: number; readonly offset: number; readonly address: number; readonly size: number };

function readSegments(bytes: Buffer): Segment[] {
  const first = numberAt(bytes, 32);
  return Array.from({ length: bytes.readUInt16LE(56) }, (_, index) => {
    const at = first + index * bytes.readUInt16LE(54);
    return {
      type: bytes.readUInt32LE(at),
      offset: numberAt(bytes, at + 8),
      address: numberAt(bytes, at + 16),
      size: numberAt(bytes, at + 32),
    };
  });
}

function readNeeded(bytes: Buffer, segments: readonly Segment[]): string[] {
  const dynamic = segments.find(({ type }) => type === segment.dynamic);
  if (dynamic === undefined) return [];
  const entries: { readonly tag: number; readonly value: number }[] = [];
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
    const entry = { tag: numberAt(bytes, at), value: numberAt(bytes, at + 8) };
    if (entry.tag === tag.end) break;
    entries.push(entry);
  }
  const address = entries.find((entry) => entry.tag === tag.strings)?.value ?? 0;
  const loaded = segments.find(
    ({ type, address: start, size }) => type === segment.load && start <= address && address < start + size,
  );
  const strings = loaded === undefined ? address : address - loaded.address + loaded.offset;
  return entries.filter((entry) => entry.tag === tag.needed).map(({ value }) => textAt(bytes, strings + value));
}

function numberAt(bytes: Buffer, offset: number): number {
  return Number(bytes.readBigUInt64LE(offset));
}

function textAt(bytes: Buffer, offset: number): string {
  return bytes.toString('latin1', offset, bytes.indexOf(0, offset));
}
