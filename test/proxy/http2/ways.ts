import { HpackDecoder, type HeaderSink } from '../../../proxy/http2/hpack/decoder.ts';
import { HpackEncoder } from '../../../proxy/http2/hpack/encoder.ts';
import type { Field } from './hpack/blocks.ts';

/** How fields get to a sink: as they are, and three times over one connection, where most stand in its tables at last. */
export function waysTo(sink: HeaderSink, fields: readonly Field[]): readonly (() => void)[] {
  const encoder = new HpackEncoder();
  const decoder = new HpackDecoder(4096);
  const decoded = (): void => {
    encoder.begin();
    for (const [name, value, indexing] of fields)
      if (indexing === 'never') encoder.secretField(name, value);
      else encoder.field(name, value);
    const problem = decoder.decode(Buffer.from(encoder.bytes), 0, encoder.length, sink);
    if (problem !== undefined) throw new Error(problem.reason);
  };
  const direct = (): void => {
    for (const [name, value, indexing = 'may'] of fields) sink.onField(name, value, indexing);
  };
  return [direct, decoded, decoded, decoded];
}
