import type { Fields } from '../message/fields.ts';

/**
 * A request body, or its beginning, that can be sent from the start: what came before there was a connection (at most what
 * one read brought, since reading pauses), or a small one that may have to be sent to another endpoint.
 */
export class HeldBody {
  bytes = 0;
  private readonly pieces: Buffer[] = [];
  private ended: { readonly trailers: Fields | undefined } | undefined;

  /** Keeps a copy. */
  keep(piece: Buffer): void {
    this.bytes += piece.length;
    this.pieces.push(Buffer.from(piece));
  }

  end(trailers: Fields | undefined): void {
    this.ended = { trailers };
  }

  /** Sends everything that has come so far. */
  replay(to: {
    body(buffer: Buffer, start: number, end: number): boolean;
    end(trailers: Fields | undefined): void;
  }): void {
    for (const piece of this.pieces) to.body(piece, 0, piece.length);
    if (this.ended !== undefined) to.end(this.ended.trailers);
  }
}
