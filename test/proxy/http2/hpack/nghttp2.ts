import koffi from 'koffi';
import type { Decoded, Field } from './blocks.ts';

// The library that curl speaks HTTP/2 with (Debian: libnghttp2-14, which curl needs).
const library = koffi.load('libnghttp2.so.14');
koffi.struct('nghttp2_nv', {
  name: 'void *',
  value: 'void *',
  namelen: 'size_t',
  valuelen: 'size_t',
  flags: 'uint8_t',
});
const inflateNew = library.func('int nghttp2_hd_inflate_new(_Out_ void **inflater)');
const inflateDel = library.func('void nghttp2_hd_inflate_del(void *inflater)');
const inflate = library.func(
  'int64_t nghttp2_hd_inflate_hd2(void *inflater, _Out_ nghttp2_nv *out, _Out_ int *flags, void *in, size_t length, int final)',
);
const endHeaders = library.func('int nghttp2_hd_inflate_end_headers(void *inflater)');
const deflateNew = library.func('int nghttp2_hd_deflate_new(_Out_ void **deflater, size_t most)');
const deflateDel = library.func('void nghttp2_hd_deflate_del(void *deflater)');
const deflateResize = library.func('int nghttp2_hd_deflate_change_table_size(void *deflater, size_t size)');
const deflate = library.func(
  'int64_t nghttp2_hd_deflate_hd(void *deflater, _Out_ uint8_t *into, size_t length, nghttp2_nv *fields, size_t count)',
);

const isLast = 1;
const isField = 2;
const neverIndex = 1;

/** nghttp2's decoder of one direction of a connection; `free` it. */
export class Inflater {
  private readonly inflater = made((out) => inflateNew(out) as number);

  decode(block: Buffer): Decoded {
    const fields: Field[] = [];
    for (let at = 0; ;) {
      const out: Partial<Nv> = {};
      const flags = [0];
      const used = Number(inflate(this.inflater, out, flags, block.subarray(at), block.length - at, 1));
      if (used < 0) return { fields, problem: `nghttp2: ${used}` };
      at += used;
      const told = flags[0] ?? 0;
      if ((told & isField) !== 0) fields.push(fieldOf(out as Nv));
      if ((told & isLast) !== 0) break;
      if ((told & isField) === 0 && at >= block.length) break;
    }
    endHeaders(this.inflater);
    return { fields, problem: undefined };
  }

  free(): void {
    inflateDel(this.inflater);
  }
}

/** nghttp2's encoder; `free` it. */
export class Deflater {
  private readonly deflater = made((out) => deflateNew(out, 4096) as number);

  limitTableSize(size: number): void {
    deflateResize(this.deflater, size);
  }

  encode(fields: readonly Field[]): Buffer {
    const into = Buffer.alloc(fields.reduce((sum, [name, value]) => sum + name.length + value.length + 20, 40));
    const given = fields.map(([name, value, indexing]) => ({
      name: Buffer.from(`${name}\0`, 'latin1'),
      value: Buffer.from(`${value}\0`, 'latin1'),
      namelen: name.length,
      valuelen: value.length,
      flags: indexing === 'never' ? neverIndex : 0,
    }));
    const length = Number(deflate(this.deflater, into, into.length, given, given.length));
    if (length < 0) throw new Error(`nghttp2 cannot encode: ${length}`);
    return into.subarray(0, length);
  }

  free(): void {
    deflateDel(this.deflater);
  }
}

type Nv = {
  readonly name: unknown;
  readonly value: unknown;
  readonly namelen: number | bigint;
  readonly valuelen: number | bigint;
  readonly flags: number;
};

function made(make: (out: unknown[]) => number): unknown {
  const out: unknown[] = [undefined];
  if (make(out) !== 0) throw new Error('nghttp2 has no memory');
  return out[0];
}

function fieldOf({ name, value, namelen, valuelen, flags }: Nv): Field {
  const field = [textAt(name, Number(namelen)), textAt(value, Number(valuelen))] as const;
  return (flags & neverIndex) === 0 ? field : [...field, 'never'];
}

function textAt(pointer: unknown, length: number): string {
  return length === 0 ? '' : Buffer.from(koffi.view(pointer, length)).toString('latin1');
}
