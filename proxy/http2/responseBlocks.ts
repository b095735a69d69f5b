import { ResponseHead } from '../message/head.ts';
import { type HeaderSink, HpackDecoder } from './hpack/decoder.ts';
import type { Payload } from './payload.ts';
import type { ErrorName } from './protocol.ts';
import { ResponseHeadReader } from './responseHead.ts';
import type { ResponseStream } from './responseStream.ts';
import { TrailersReader } from './trailers.ts';

/** What is wrong with a header block, and whether that concerns more than its stream. */
export type BlockProblem = {
  readonly scope: 'connection' | 'stream';
  readonly error: ErrorName;
  readonly reason: string;
};

/** Who reads a header block that nobody asked for: what follows may refer to it. */
export const nobody: HeaderSink = { onField: () => undefined };

/** What cannot be decompressed, whichever end sends it. */
export const uncompressed: BlockProblem = {
  scope: 'connection',
  error: 'COMPRESSION_ERROR',
  reason: 'a header block cannot be decompressed',
};

/** Reads the heads and trailer sections of a connection's responses. */
export class ResponseBlocks {
  private readonly heads = new ResponseHeadReader();
  private readonly trailers = new TrailersReader();
  private readonly decoder: HpackDecoder;

  constructor(decoder: HpackDecoder) {
    this.decoder = decoder;
  }

  /** Reads the next block, in the order in which they come; `stream` gets what it is. */
  read(stream: ResponseStream | undefined, endStream: boolean, payload: Payload): BlockProblem | undefined {
    if (stream === undefined) return this.decode(payload, nobody);
    return stream.hasHead ? this.readTrailers(stream, endStream, payload) : this.readHead(stream, endStream, payload);
  }

  private decode({ buffer, start, end }: Payload, sink: HeaderSink): BlockProblem | undefined {
    return this.decoder.decode(buffer, start, end, sink) === undefined ? undefined : uncompressed;
  }

  private readHead(stream: ResponseStream, endStream: boolean, payload: Payload): BlockProblem | undefined {
    const { heads } = this;
    const head = new ResponseHead();
    heads.begin(head);
    const problem = this.decode(payload, heads);
    if (problem !== undefined) return problem;
    const refusal = heads.finish(endStream ? 'none' : 'follows', stream.method);
    if (refusal !== undefined) return malformed(refusal.message);
    stream.onHead(head, endStream);
    return undefined;
  }

  private readTrailers(stream: ResponseStream, endStream: boolean, payload: Payload): BlockProblem | undefined {
    const { trailers } = this;
    trailers.begin();
    const problem = this.decode(payload, trailers);
    if (problem !== undefined) return problem;
    if (!endStream) return malformed('a trailer section does not end its stream');
    if (trailers.finish() !== undefined) return malformed('the trailer section is malformed or too large');
    stream.onTrailers(trailers.fields);
    return undefined;
  }
}

function malformed(reason: string): BlockProblem {
  return { scope: 'stream', error: 'PROTOCOL_ERROR', reason };
}
