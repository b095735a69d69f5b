import { ResponseHead } from '../message/head.ts';
import { refusals } from '../message/refusal.ts';
import type { HeaderSink } from './hpack/decoder.ts';
import type { Payload } from './payload.ts';
import { ResponseHeadReader } from './responseHead.ts';
import type { ResponseStream } from './responseStream.ts';
import { TrailersReader } from './trailers.ts';

/** Who reads a header block that nobody asked for: what follows may refer to it. */
export const nobody: HeaderSink = { onField: () => undefined };

/** Has a header block decoded; false: it cannot be, which was told. */
type Decode = (payload: Payload, sink: HeaderSink) => boolean;

/** Reads the heads and trailer sections of a connection's responses. */
export class ResponseBlocks {
  private readonly heads = new ResponseHeadReader();
  private readonly trailers = new TrailersReader();
  private readonly decode: Decode;

  constructor(decode: Decode) {
    this.decode = decode;
  }

  /** Reads the next block, in the order in which they come; `stream` gets what it is. Or why it is malformed. */
  read(stream: ResponseStream, endStream: boolean, payload: Payload): string | undefined {
    return stream.hasHead ? this.readTrailers(stream, endStream, payload) : this.readHead(stream, endStream, payload);
  }

  private readHead(stream: ResponseStream, endStream: boolean, payload: Payload): string | undefined {
    const { heads } = this;
    const head = new ResponseHead();
    heads.begin(head);
    if (!this.decode(payload, heads)) return undefined;
    const refusal = heads.finish(endStream ? 'none' : 'follows', stream.method);
    if (refusal === undefined) stream.onHead(head, endStream);
    return refusal?.message;
  }

  private readTrailers(stream: ResponseStream, endStream: boolean, payload: Payload): string | undefined {
    const { trailers } = this;
    trailers.begin();
    if (!this.decode(payload, trailers)) return undefined;
    if (!endStream) return 'a trailer section does not end its stream';
    if (trailers.finish() !== undefined) return refusals.trailers.message;
    stream.onTrailers(trailers.fields);
    return undefined;
  }
}
