import type { Fields } from '../message/fields.ts';
import type { RequestHead, ResponseHead } from '../message/head.ts';
import type { Downstream, Failure, Held, RequestReceiver, Upgraded, UpgradeEnd } from '../message/interfaces.ts';
import { noteHeld } from '../socket/held.ts';
import { errorName } from './protocol.ts';
import { clientFailure, type Lost } from './lost.ts';
import { codeForClient } from './resetCodes.ts';
import { Stream, type StreamOwner } from './stream.ts';
import { StreamConnection } from './streamConnection.ts';

/** The connection of a request's stream. */
export interface RequestStreamOwner extends StreamOwner {
  /** As DownstreamOwner. */
  onUpgraded(client: Upgraded, endpoint: Upgraded, onEnd: (end: UpgradeEnd) => void): Held;
  writeHead(stream: RequestStream, head: ResponseHead): void;
}

/** What a request costs while it is under way, whatever is in it: its stream, its exchange and its attempt. */
const requestBytes = 2048;
const nothing = Buffer.alloc(0);

/** One request of an HTTP/2 client: the downstream codec of its exchange. */
export class RequestStream extends Stream implements Downstream {
  exchange: RequestReceiver | undefined;
  /** Its response is complete, as far as the exchange has to do with it. */
  answered = false;
  readonly head: RequestHead;
  declare through: StreamConnection | undefined;
  isTunnel = false;
  /** What it has become. */
  private tunnel: Held | undefined;
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

  /** It asks to become a tunnel: what comes from now on is no body. */
  awaitTunnel(): void {
    this.through = new StreamConnection(this);
  }

  /** As Served.shed. */
  shed(why: Failure): void {
    this.exchange?.onRequestFailure(why);
    this.tunnel?.shed();
  }

  /** Its trailers have come, which may have to wait as its body does. */
  addTrailers(bytes: number): void {
    this.headBytes += bytes;
    noteHeld(bytes);
  }

  /** Bytes of memory: its own, and what waits in it and behind it. */
  get held(): number {
    const { tunnel, through, exchange } = this;
    return (
      requestBytes + this.headBytes + (tunnel?.held ?? this.unsent + (through?.unread ?? 0) + (exchange?.held ?? 0))
    );
  }

  get untaken(): number {
    return this.hasWaiting ? this.waitingBytes : this.session.writer.unsent;
  }

  onBytes(buffer: Buffer, start: number, end: number): void {
    if (this.through !== undefined) return this.through.onBytes(buffer, start, end);
    if (this.left >= 0) {
      this.left -= end - start;
      if (this.left < 0)
        return this.owner.failStream(this, 'PROTOCOL_ERROR', 'the body is longer than Content-Length says');
    }
    return this.exchange?.onRequestData(buffer, start, end);
  }

  onBytesEnd(): void {
    if (this.through === undefined) this.onTrailers(undefined);
    else this.through.onBytesEnd();
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
    if (this.exchange === undefined) this.through?.onDrain();
    else this.exchange.onDownstreamDrain();
  }

  onReset(code: number): void {
    this.onLost({ type: 'Reset', reason: `the client reset the stream: ${errorName(code)}`, code });
  }

  onLost(lost: Lost): void {
    const { exchange } = this;
    this.exchange = undefined;
    exchange?.onRequestFailure(clientFailure(lost));
    this.through?.onLost(lost);
  }

  informational(head: ResponseHead): void {
    if (!this.gone) this.owner.writeHead(this, head);
  }

  respond(head: ResponseHead): void {
    if (!this.gone) this.owner.writeHead(this, head);
  }

  /** To its client it is a tunnel that is there (RFC 8441 section 5). */
  upgrade(head: ResponseHead, endpoint: Upgraded, onEnd: (end: UpgradeEnd) => void): void {
    const { through: connection } = this;
    if (connection === undefined) throw new Error('a request was upgraded that did not ask for it');
    this.exchange = undefined;
    this.answered = true;
    this.isTunnel = true;
    head.status = 200;
    head.headers.remove('sec-websocket-accept');
    this.owner.writeHead(this, head);
    this.tunnel = this.owner.onUpgraded({ connection, first: nothing }, endpoint, onEnd);
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
