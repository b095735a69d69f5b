import type { Fields } from '../message/fields.ts';
import type { RequestHead, ResponseHead } from '../message/head.ts';
import type { Downstream, Failure, RequestReceiver } from '../message/interfaces.ts';
import { noteHeld } from '../socket/held.ts';
import { errorName } from './protocol.ts';
import { clientFailure, type Lost } from './lost.ts';
import { codeForClient } from './resetCodes.ts';
import { Stream, type StreamOwner } from './stream.ts';

/** The connection of a request's stream. */
export interface RequestStreamOwner extends StreamOwner {
  writeHead(stream: RequestStream, head: ResponseHead): void;
}

/** What a request costs while it is under way, whatever is in it: its stream, its exchange and its attempt. */
const requestBytes = 2048;

/** One request of an HTTP/2 client: the downstream codec of its exchange. */
export class RequestStream extends Stream implements Downstream {
  exchange: RequestReceiver | undefined;
  /** Its response is complete, as far as the exchange has to do with it. */
  answered = false;
  readonly head: RequestHead;
  /** What its head and its trailers count: decoded, a few bytes become tens of thousands. */
  headBytes: number;
  /** Bytes of the body that are still to come; -1: unknown. */
  private left: number;
  private readonly owner: RequestStreamOwner;

  constructor(owner: RequestStreamOwner, head: RequestHead, headBytes: number) {
    super(owner);
    this.owner = owner;
    this.head = head;
    this.headBytes = headBytes;
    noteHeld(requestBytes + headBytes);
    this.left = head.bodyLength;
  }

  /** Its trailers have come, which may have to wait as its body does. */
  addTrailers(bytes: number): void {
    this.headBytes += bytes;
    noteHeld(bytes);
  }

  /** Bytes of memory: its own, and what waits in it and behind it. */
  get held(): number {
    return requestBytes + this.headBytes + this.unsent + (this.exchange?.held ?? 0);
  }

  get untaken(): number {
    return this.hasWaiting ? this.waitingBytes : this.session.writer.unsent;
  }

  onBytes(buffer: Buffer, start: number, end: number): void {
    if (this.left >= 0) {
      this.left -= end - start;
      if (this.left < 0)
        return this.owner.failStream(this, 'PROTOCOL_ERROR', 'the body is longer than Content-Length says');
    }
    this.exchange?.onRequestData(buffer, start, end);
  }

  onBytesEnd(): void {
    this.onTrailers(undefined);
  }

  /** The request is complete. */
  onTrailers(trailers: Fields | undefined): void {
    if (this.left > 0)
      return this.owner.failStream(this, 'PROTOCOL_ERROR', 'the body is shorter than Content-Length says');
    this.exchange?.onRequestEnd(trailers);
  }

  onReadEnd(): void {
    this.exchange?.onRequestFlush();
  }

  onDrain(): void {
    this.exchange?.onDownstreamDrain();
  }

  onReset(code: number): void {
    this.onLost({ type: 'Reset', reason: `the client reset the stream: ${errorName(code)}`, code });
  }

  onLost(lost: Lost): void {
    const { exchange } = this;
    this.exchange = undefined;
    exchange?.onRequestFailure(clientFailure(lost));
  }

  informational(head: ResponseHead): void {
    if (!this.gone) this.owner.writeHead(this, head);
  }

  respond(head: ResponseHead): void {
    if (!this.gone) this.owner.writeHead(this, head);
  }

  /** No request of HTTP/2 asks for one (RFC 9113 section 8.6), and who is not asked is refused by the endpoint's codec. */
  upgrade(): void {
    throw new Error('a request of HTTP/2 was upgraded');
  }

  /** A head that was compressed has changed what both sides know: it cannot be taken back. */
  takeBack(): boolean {
    return false;
  }

  override end(trailers: Fields | undefined): void {
    this.answered = true;
    this.exchange = undefined;
    super.end(trailers);
  }

  abort(why: Failure): void {
    this.answered = true;
    this.exchange = undefined;
    this.session.resetStream(this, codeForClient(why));
  }

  giveUpRequest(): void {
    // Behind a response that ends before its request the stream is reset anyway.
  }

  pauseRequest(): void {
    this.pauseReading();
  }

  resumeRequest(): void {
    this.resumeReading();
  }
}
