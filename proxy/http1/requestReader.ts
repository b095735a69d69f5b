import { RequestHead } from '../message/head.ts';
import { Framing } from './framing.ts';
import { HeadReader } from './headReader.ts';
import { maxDrainedBytes } from './limits.ts';
import { BodyReader } from './readBody.ts';
import { readRequestHead, requestSection } from './readHead.ts';
import type { Refusal } from '../message/refusal.ts';
import { maxRefusedLineBytes, type RefusedLine, readRefusedLine } from './refusedLine.ts';

const cr = 13;
const lf = 10;

/** Reads one request after another: a head, then the body that it announces. */
export class RequestReader {
  /** Where in its buffer the last piece of a head ended. */
  next = 0;
  /** Why a head was refused. */
  refusal: Refusal | undefined;
  readonly head = new RequestHead();
  readonly framing = new Framing();
  readonly body = new BodyReader();
  /** The beginning of a head that was refused. */
  private refused: string | undefined;
  private readonly heads = new HeadReader(requestSection);

  /** Bytes of a head have come that is not whole. */
  get headBegun(): boolean {
    return this.heads.length > 0;
  }

  /** Bytes of memory for what waits. */
  get held(): number {
    return this.heads.held + this.body.held;
  }

  /** It asks for the head of a response alone, also when its own did not come to its end. */
  get asksForHead(): boolean {
    return this.head.method === 'HEAD' || this.heads.startsWith('HEAD ');
  }

  /**
   * Behind an answer now it would not be found where the next request begins: whether a body follows a final answer to its
   * Expect nobody knows, and a long one is not read to its end. `continued`: it was told to send it.
   */
  losesItsPlace(continued: boolean): boolean {
    return (this.head.expectContinue && !continued) || this.body.hasMoreThan(maxDrainedBytes);
  }

  /** What can be read of a request that is refused. */
  get refusedLine(): RefusedLine {
    return readRefusedLine((this.refused ?? this.heads.beginning(maxRefusedLineBytes)).slice(0, maxRefusedLineBytes));
  }

  /** Reads on in a head, up to `next`. `whole`: it stands in `head` and `framing`, and `body` is ready to be read. */
  readHead(buffer: Buffer, at: number, length: number): 'part' | 'whole' | 'refused' {
    const { heads, head } = this;
    // Empty lines before a request line are skipped (RFC 9112 section 2.2).
    if (heads.length === 0 && buffer[at] === cr && at + 1 < length && buffer[at + 1] === lf) {
      this.next = at + 2;
      return 'part';
    }
    if (heads.length === 1 && buffer[at] === lf && heads.startsWith('\r')) {
      heads.release();
      this.next = at + 1;
      return 'part';
    }
    const bytes = heads.read(buffer, at, length);
    this.next = bytes === undefined ? length : heads.next;
    this.refusal = bytes === undefined ? heads.refusal : readRequestHead(bytes, head, this.framing);
    if (this.refusal !== undefined) {
      // What came in one piece is not kept.
      const isKept = bytes === undefined && heads.length > 0;
      if (!isKept)
        this.refused = bytes?.text ?? buffer.toString('latin1', at, Math.min(length, at + maxRefusedLineBytes));
      return 'refused';
    }
    if (bytes === undefined) return 'part';
    this.body.start(head.bodyLength < 0 ? 'chunked' : 'length', head.bodyLength);
    return 'whole';
  }

  /** A connection that waits for the next request holds nothing of the last. */
  release(): void {
    this.refused = undefined;
    this.heads.release();
    this.head.release();
    this.framing.reset();
  }
}
