import type { Fields } from '../message/fields.ts';
import { Kept } from '../message/kept.ts';

/**
 * A request body, or its beginning, that can be sent from the start: what came before there was a connection (at most what
 * one read brought, since reading pauses), or a small one that may have to be sent to another endpoint.
 */
export class HeldBody {
  private readonly kept = new Kept();
  private isReplayed = false;
  private ended: { readonly trailers: Fields | undefined } | undefined;

  get bytes(): number {
    return this.kept.length;
  }

  /** Bytes of memory. */
  get held(): number {
    return this.kept.held;
  }

  /** Keeps a copy. */
  keep(buffer: Buffer, start: number, end: number): void {
    this.kept.add(buffer, start, end);
  }

  end(trailers: Fields | undefined): void {
    this.ended = { trailers };
  }

  /** Sends everything that has come so far. */
  replay(to: {
    body(buffer: Buffer, start: number, end: number): boolean;
    end(trailers: Fields | undefined): void;
  }): void {
    const { kept } = this;
    this.isReplayed = true;
    if (kept.length > 0) to.body(kept.bytes, kept.start, kept.end);
    this.isReplayed = false;
    if (this.ended !== undefined) to.end(this.ended.trailers);
  }

  /** It is not sent again: its memory is for others. Within a replay its bytes are still read. */
  release(): void {
    if (!this.isReplayed) this.kept.release();
  }
}
