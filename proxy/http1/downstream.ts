import type { Downstream, RequestReceiver, Upgraded, UpgradeEnd } from '../message/interfaces.ts';
import type { Fields } from '../message/fields.ts';
import type { ResponseHead } from '../message/head.ts';
import { Kept } from '../message/kept.ts';
import type { Connection, Receiver } from '../socket/connection.ts';
import { unwatchDeadline, watchDeadline } from '../socket/deadlines.ts';
import { bodyFraming, composeRefusal, composeResponse } from './composeHead.ts';
import type { DownstreamOwner } from './downstreamOwner.ts';
import type { DownstreamState } from './downstreamState.ts';
import { drainTimeoutMs, isSaid, LastWords } from './lastWords.ts';
import type { BodySink } from './readBody.ts';
import { watchHalfClosed } from './halfClosed.ts';
import { maxDrainedChunkBytes, maxWaitingBytes } from './limits.ts';
import { type Refusal, refusals } from '../message/refusal.ts';
import { ResponseWriting } from './responseWriting.ts';
import { clock } from '../socket/clock.ts';

const closed = 'the client closed the connection';

/** One HTTP/1.1 connection from a client: reads requests in order, writes each response before the next is looked at. */
export class Http1Downstream extends ResponseWriting implements Downstream, Receiver, BodySink {
  private state: DownstreamState = 'head';
  /** Pipelined bytes. */
  private readonly waiting = new Kept();
  private exchange: RequestReceiver | undefined;
  private reading = false;
  private responding = false;
  private responseDone = false;
  private closeAfter = false;
  private drained = 0;
  private readonly owner: DownstreamOwner;
  private readonly lastWords: LastWords;

  constructor(connection: Connection, owner: DownstreamOwner) {
    super(connection);
    this.owner = owner;
    this.lastWords = new LastWords(owner.limits.progressTimeoutMs);
    this.deadline = clock.ms + owner.limits.headerTimeoutMs;
    connection.receiver = this;
    watchDeadline(this);
  }

  /** No request is under way and no byte of one has come. */
  get idle(): boolean {
    return this.state === 'head' && !this.request.headBegun;
  }

  /** Bytes of memory for what has come and waits: an unfinished head, trailers, pipelined requests. */
  get held(): number {
    return this.request.held + this.waiting.held + this.connection.unsent + (this.exchange?.held ?? 0);
  }

  onBytes(buffer: Buffer, length: number): void {
    this.reading = true;
    let at = 0;
    while (at < length && this.state !== 'closing') {
      if (this.state !== 'waiting') at = this.read(buffer, at, length);
      else at = this.waiting.add(buffer, at, length);
    }
    this.endReading();
  }

  private endReading(): void {
    this.reading = false;
    if (this.waiting.length > maxWaitingBytes) this.connection.pause();
    this.exchange?.onRequestFlush();
  }

  private read(buffer: Buffer, at: number, length: number): number {
    const next = this.state === 'head' ? this.readHead(buffer, at, length) : this.readBody(buffer, at, length);
    if (this.responseDone) this.finish();
    return next;
  }

  private readHead(buffer: Buffer, at: number, length: number): number {
    const { request } = this;
    const first = !request.headBegun;
    const read = request.readHead(buffer, at, length);
    const { next, refusal } = request;
    if (read === 'part' && first && request.headBegun) this.deadline = clock.ms + this.owner.limits.headerTimeoutMs;
    if (refusal !== undefined) this.refuse(refusal);
    else if (read === 'whole') this.start();
    return next;
  }

  private start(): void {
    const { head, body, framing } = this.request;
    this.drained = 0;
    this.continued = false;
    this.responding = false;
    this.closeAfter = !framing.persistent;
    this.state = body.done ? 'waiting' : 'body';
    // The exchange looks after who is slow.
    this.deadline = Infinity;
    const exchange = this.owner.startExchange(this, head);
    if (this.responseDone || (this.state as DownstreamState) === 'closing') return;
    this.exchange = exchange;
    if (body.done) exchange.onRequestEnd(undefined);
  }

  private readBody(buffer: Buffer, at: number, length: number): number {
    const { body } = this.request;
    const stop = body.read(buffer, at, length, this);
    if (body.refusal !== undefined) {
      this.failExchange(body.refusal);
      return length;
    }
    if ((this.state !== 'body' && this.state !== 'draining') || !body.done) return stop;
    this.state = 'waiting';
    this.exchange?.onRequestEnd(body.trailers);
    return stop;
  }

  onBodyData(buffer: Buffer, start: number, end: number): void {
    if (this.exchange !== undefined) return this.exchange.onRequestData(buffer, start, end);
    this.drained += end - start;
    if (this.drained > maxDrainedChunkBytes) this.close();
  }

  /** Goes on with what was pipelined, where it lies. */
  private readWaiting(): void {
    const { waiting } = this;
    this.reading = true;
    while (waiting.length > 0 && this.state !== 'waiting' && this.state !== 'closing')
      waiting.dropTo(this.read(waiting.bytes, waiting.start, waiting.end));
    this.endReading();
  }

  respond(head: ResponseHead): void {
    const { head: request, framing } = this.request;
    this.responding = true;
    const body = bodyFraming(head, request.method, framing.http11 ? '1.1' : '1.0');
    const early = this.state === 'body' && this.request.losesItsPlace(this.continued);
    if (this.owner.closing || body === 'close' || early) this.closeAfter = true;
    const keepAlive = framing.http11 ? undefined : 'keep-alive';
    const connection = this.closeAfter ? 'close' : keepAlive;
    this.writer.head(composeResponse(head, { connection, body }), { chunked: body === 'chunked' });
  }

  upgrade(head: ResponseHead, endpoint: Upgraded, onEnd: (end: UpgradeEnd) => void): void {
    const { waiting, connection } = this;
    this.writer.head(composeResponse(head, { connection: 'Upgrade', body: 'none' }), { chunked: false });
    this.writer.flush();
    const first = waiting.take();
    unwatchDeadline(this);
    this.exchange = undefined;
    this.state = 'closing';
    this.owner.onUpgraded({ connection, first }, endpoint, onEnd);
  }

  end(trailers: Fields | undefined): void {
    this.writer.end(trailers?.toLines() ?? '');
    this.writer.flush(this.closeAfter && this.state === 'waiting');
    this.exchange = undefined;
    this.responseDone = true;
    // While bytes are being read, `onBytes` goes on by itself.
    if (!this.reading) this.finish();
  }

  abort(): void {
    this.exchange = undefined;
    this.state = 'closing';
    this.connection.reset();
  }

  giveUpRequest(): void {
    this.closeAfter = true;
  }

  /** The response is complete: goes on to the next request once the whole of this one was read. */
  private finish(): void {
    if (this.state === 'body') {
      if (this.closeAfter) return this.close();
      this.state = 'draining';
      this.deadline = clock.ms + drainTimeoutMs;
      this.connection.resume();
    }
    if (this.state !== 'waiting') return;
    // A client that sends requests but reads no responses waits here until it does.
    if (!this.closeAfter && this.connection.full) {
      this.deadline = clock.ms + this.owner.limits.progressTimeoutMs;
      return this.connection.pause();
    }
    this.responseDone = false;
    const wasLast = !this.request.framing.persistent;
    this.request.release();
    if (wasLast && !this.owner.closing && this.waiting.length === 0 && isSaid(this.connection)) {
      this.state = 'closing';
      return this.connection.endBoth();
    }
    if (this.closeAfter || (this.connection.ended && this.waiting.length === 0 && !this.reading)) return this.close();
    this.state = 'head';
    this.deadline = clock.ms + this.owner.limits.idleTimeoutMs;
    this.connection.resume();
    if (this.reading || this.waiting.length === 0) return;
    this.readWaiting();
    if (this.connection.ended && (this.state as DownstreamState) !== 'waiting') this.onEnd();
  }

  /** Answers a request that cannot be understood, and closes: what follows it cannot be told apart. */
  private refuse(refusal: Refusal): void {
    this.owner.onRefused(refusal, this.request.refusedLine);
    this.connection.writeText(composeRefusal(refusal, this.request.asksForHead ? 'head' : 'whole'));
    this.close();
  }

  /** As Served.shed: a request is refused, and a response that waits to be read is cut off. */
  shed(): void {
    const unread = this.connection.unsent > 0;
    if (this.exchange !== undefined) this.failExchange(refusals.overload);
    else if (this.state === 'head' && !unread) return this.refuse(refusals.overload);
    if (unread) this.connection.reset();
  }

  /** The exchange answers if it still can; the connection cannot be used after it. */
  private failExchange({ flag, status, message: reason }: Refusal): void {
    this.closeAfter = true;
    this.exchange?.onRequestFailure({ flag, status, reason });
    this.close();
  }

  /** Sends a FIN and waits a little for the client's, so that a reset does not eat the response (RFC 9112 section 9.6). */
  close(): void {
    if (this.state === 'closing') return;
    this.state = 'closing';
    this.deadline = clock.ms + drainTimeoutMs;
    this.request.release();
    this.waiting.release();
    this.connection.end();
    this.connection.resume();
  }

  onEnd(): void {
    if (this.state === 'waiting')
      return watchHalfClosed(this.connection, this.responding || !this.request.framing.http11 ? 'wait' : 'ask');
    if (this.state === 'closing') return;
    if (this.exchange === undefined) return this.close();
    this.clientGone(`${closed} within its request`);
    this.connection.destroy();
  }

  onDrain(): void {
    if (this.exchange !== undefined) this.exchange.onDownstreamDrain();
    else if (this.responseDone && !this.reading) this.finish();
  }

  onClose(error: Error | undefined): void {
    unwatchDeadline(this);
    this.clientGone(error === undefined ? closed : `the connection broke: ${error.message}`);
    this.request.release();
    this.waiting.release();
    this.owner.onClosed();
  }

  private clientGone(reason: string): void {
    const { exchange } = this;
    this.exchange = undefined;
    this.state = 'closing';
    exchange?.onRequestFailure({ flag: 'DC', status: 499, reason });
  }

  onDeadline(): void {
    if (this.state === 'head' && this.request.headBegun) this.refuse(refusals.headTimeout);
    else if (this.state === 'closing') this.deadline = this.lastWords.await(this.connection);
    else this.close();
  }
}
