import type { Fields } from './fields.ts';

/** What keeps a request body until there is a connection for it: at most what one read brought, since reading pauses. */
export class HeldBody {
  private readonly pieces: Buffer[] = [];
  private ended: { readonly trailers: Fields | undefined } | undefined;

  /** Keeps a copy. */
  keep(buffer: Buffer, start: number, end: number): void {
    this.pieces.push(Buffer.from(buffer.subarray(start, end)));
  }

  end(trailers: Fields | undefined): void {
    this.ended = { trailers };
  }

  /** Hands over everything, without counting its bytes a second time. */
  release(to: { resend(buffer: Buffer): void; onRequestEnd(trailers: Fields | undefined): void }): void {
    for (const piece of this.pieces) to.resend(piece);
    if (this.ended !== undefined) to.onRequestEnd(this.ended.trailers);
  }
}
