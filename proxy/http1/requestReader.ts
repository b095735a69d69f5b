import { RequestHead } from '../message/head.ts';
import { Framing } from './framing.ts';
import { HeadReader } from './headReader.ts';
import { BodyReader } from './readBody.ts';
import { readRequestHead, requestSection } from './readHead.ts';
import type { Refusal } from './refusal.ts';

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
    if (this.refusal !== undefined) return 'refused';
    if (bytes === undefined) return 'part';
    this.body.start(head.bodyLength < 0 ? 'chunked' : 'length', head.bodyLength);
    return 'whole';
  }

  /** A connection that waits for the next request holds nothing of the last. */
  release(): void {
    this.heads.release();
    this.head.release();
    this.framing.reset();
  }
}
