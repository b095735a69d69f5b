import { HpackDecoder, type Indexing } from '../../../../proxy/http2/hpack/decoder.ts';

/** A field as a decoder hands it on; `never` where it came as never indexed. */
export type Field = readonly [name: string, value: string, indexing?: 'never'];

/** What came out of one block: its fields, and why there are no more of them. */
export type Decoded = { readonly fields: readonly Field[]; readonly problem: string | undefined };

/** Bytes out of hexadecimal digits, between which blanks mean nothing. */
export function hex(digits: string): Buffer {
  return Buffer.from(digits.replace(/\s/g, ''), 'hex');
}

export function decode(decoder: HpackDecoder, block: Buffer): Decoded {
  const fields: Field[] = [];
  // Between other bytes, so that one that is read beyond the block is noticed.
  const around = Buffer.concat([Buffer.from([0x82]), block, Buffer.from([0x82])]);
  const sink = {
    onField: (name: string, value: string, indexing: Indexing): void =>
      void fields.push(indexing === 'never' ? [name, value, indexing] : [name, value]),
  };
  const problem = decoder.decode(around, 1, around.length - 1, sink);
  return { fields, problem: problem?.reason };
}

/** All that the dynamic table of a decoder holds, the newest first. */
export function tableOf(decoder: HpackDecoder): readonly Field[] {
  const entries: Field[] = [];
  for (let index = 62; ; index++) {
    const { fields, problem } = decode(decoder, integer(7, 0x80, index));
    if (problem !== undefined) return entries;
    entries.push(...fields);
  }
}

/** An integer as RFC 7541 section 5.1 has it. */
export function integer(bits: number, pattern: number, value: number): Buffer {
  const mask = 2 ** bits - 1;
  if (value < mask) return Buffer.from([pattern | value]);
  const octets = [pattern | mask];
  let rest = value - mask;
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push((rest % 128) | 128);
  return Buffer.from([...octets, rest]);
}
