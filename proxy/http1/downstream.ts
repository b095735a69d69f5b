import type { Downstream, Failure, RequestReceiver } from '../message/interfaces.ts';
import type { Fields } from '../message/fields.ts';
import { RequestHead, type ResponseHead } from '../message/head.ts';
import type { Connection, Receiver } from '../socket/connection.ts';
import { type Expiring, unwatchDeadline, watchDeadline } from '../socket/deadlines.ts';
import { composeResponse } from './composeHead.ts';
import type { DownstreamOwner } from './downstreamOwner.ts';
import { drainTimeoutMs, LastWords } from './lastWords.ts';
import { BodyReader, type BodySink } from './readBody.ts';
import { HeadReader } from './headBytes.ts';
import { Framing } from './readFields.ts';
import { readRequestHead, refuseUnfinishedHead } from './readHead.ts';
import { composeRefusal, type Refusal, refusals } from './refusal.ts';
import { MessageWriter } from './writeMessage.ts';
import { clock } from '../socket/clock.ts';

// A request that was answered early: so much of its body is read away before the connection is given up.
const maxDrainedBytes = 1_048_576;
const probeDelayMs = 10_000;
// Pipelined requests that wait for their turn.
const maxWaitingBytes = 65_536;

/**
 * `head`: waits for a request; `body`: reads one; `waiting`: it is read, its response is not complete; `draining`: it was
 * answered before it was read; `closing`: nothing more is read.
 */
type State = 'head' | 'body' | 'waiting' | 'draining' | 'closing';

/** One HTTP/1.1 connection from a client: reads requests in order, writes each response before the next is looked at. */
export class Http1Downstream implements Downstream, Receiver, BodySink, Expiring {
  deadline: number;
  readonly connection: Connection;
  private state: State = 'head';
  private waiting: Buffer | undefined;
  private exchange: RequestReceiver | undefined;
  private reading = false;
  private responding = false;
  private responseDone = false;
  private closeAfter = false;
  private continued = false;
  private drained = 0;
  private readonly heads = new HeadReader();
  private readonly head = new RequestHead();
  private readonly framing = new Framing();
  private readonly reader = new BodyReader();
  private readonly writer: MessageWriter;
  private readonly owner: DownstreamOwner;
  private readonly lastWords: LastWords;

  constructor(connection: Connection, owner: DownstreamOwner) {
    this.connection = connection;
    this.owner = owner;
    this.writer = new MessageWriter(connection);
    this.lastWords = new LastWords(owner.limits.progressTimeoutMs);
    this.deadline = clock.ms + owner.limits.headerTimeoutMs;
    connection.receiver = this;
    watchDeadline(this);
  }

  /** No request is under way and no byte of one has come. */
  get idle(): boolean {
    return this.state === 'head' && this.heads.text === '';
  }

  onBytes(buffer: Buffer, length: number): void {
    this.reading = true;
    let at = 0;
    while (at < length && this.state !== 'closing') {
      if (this.state === 'head') at = this.readHead(buffer, at, length);
      else if (this.state === 'waiting') at = this.keepForLater(buffer, at, length);
      else at = this.readBody(buffer, at, length);
      if (this.responseDone) this.finish();
    }
    this.reading = false;
    this.exchange?.onRequestFlush();
  }

  private readHead(buffer: Buffer, at: number, length: number): number {
    const { heads } = this;
    if (heads.text === '\r' && buffer[at] === 10) {
      heads.text = '';
      return at + 1;
    }
    const first = heads.text === '';
    // Empty lines before a request line are skipped (RFC 9112 section 2.2).
    if (first && buffer[at] === 13 && at + 1 < length && buffer[at + 1] === 10) return at + 2;
    const bytes = heads.read(buffer, at, length);
    const next = bytes === undefined ? length : heads.next;
    if (bytes === undefined && first) this.deadline = clock.ms + this.owner.limits.headerTimeoutMs;
    const refusal =
      bytes === undefined ? refuseUnfinishedHead(heads.text) : readRequestHead(bytes, this.head, this.framing);
    if (refusal !== undefined) this.refuse(refusal);
    else if (bytes !== undefined) this.start();
    return next;
  }

  private start(): void {
    const { head, reader } = this;
    this.drained = 0;
    this.continued = false;
    this.responding = false;
    this.closeAfter = !this.framing.persistent;
    reader.start(head.bodyLength < 0 ? 'chunked' : 'length', head.bodyLength);
    this.state = reader.done ? 'waiting' : 'body';
    // The exchange looks after who is slow.
    this.deadline = Infinity;
    const exchange = this.owner.startExchange(this, head);
    if (this.responseDone || (this.state as State) === 'closing') return;
    this.exchange = exchange;
    if (reader.done) exchange.onRequestEnd(undefined);
  }

  private readBody(buffer: Buffer, at: number, length: number): number {
    const { reader } = this;
    const stop = reader.read(buffer, at, length, this);
    if (reader.refusal !== undefined) {
      this.failExchange({ flag: 'DPE', status: reader.refusal.status, reason: reader.refusal.message });
      return length;
    }
    if (this.state !== 'body' && this.state !== 'draining') return stop;
    if (!reader.done) return stop;
    this.state = 'waiting';
    this.exchange?.onRequestEnd(reader.trailers);
    return stop;
  }

  onBodyData(buffer: Buffer, start: number, end: number): void {
    if (this.exchange !== undefined) return this.exchange.onRequestData(buffer, start, end);
    this.drained += end - start;
    if (this.drained > maxDrainedBytes) this.close();
  }

  private keepForLater(buffer: Buffer, at: number, length: number): number {
    const more = buffer.subarray(at, length);
    this.waiting = this.waiting === undefined ? Buffer.from(more) : Buffer.concat([this.waiting, more]);
    if (this.waiting.length > maxWaitingBytes) this.connection.pause();
    return length;
  }

  informational(head: ResponseHead): void {
    if (!this.framing.http11) return;
    this.continued ||= head.status === 100;
    this.writer.head(composeResponse(head, { connection: undefined, body: 'none' }), { chunked: false });
  }

  respond(head: ResponseHead): void {
    const http11 = this.framing.http11;
    this.responding = true;
    let body: 'none' | 'length' | 'chunked' | 'close' = 'length';
    if (this.head.method === 'HEAD' || head.status === 204 || head.status === 304) body = 'none';
    else if (head.bodyLength < 0) body = http11 ? 'chunked' : 'close';
    // Whether a client sends the body after a final answer to its Expect cannot be known.
    const unasked = this.head.expectContinue && !this.continued && this.state === 'body';
    if (this.owner.closing || body === 'close' || unasked) this.closeAfter = true;
    const keepAlive = http11 ? undefined : 'keep-alive';
    const text = composeResponse(head, { connection: this.closeAfter ? 'close' : keepAlive, body });
    this.writer.head(text, { chunked: body === 'chunked' });
  }

  body(buffer: Buffer, start: number, end: number): boolean {
    return this.writer.body(buffer, start, end);
  }

  end(trailers: Fields | undefined): void {
    this.writer.end(trailers?.toLines() ?? '');
    this.writer.flush();
    this.exchange = undefined;
    this.responseDone = true;
    // While bytes are being read, `onBytes` goes on by itself.
    if (!this.reading) this.finish();
  }

  flush(): boolean {
    return this.writer.flush();
  }

  abort(): void {
    this.exchange = undefined;
    this.state = 'closing';
    this.connection.reset();
  }

  giveUpRequest(): void {
    this.closeAfter = true;
  }

  pauseRequest(): void {
    this.connection.pause();
  }

  resumeRequest(): void {
    this.connection.resume();
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
    this.head.release();
    this.framing.host = '';
    if (this.closeAfter || (this.connection.ended && this.waiting === undefined && !this.reading)) return this.close();
    this.state = 'head';
    this.deadline = clock.ms + this.owner.limits.idleTimeoutMs;
    this.connection.resume();
    const { waiting } = this;
    if (waiting === undefined) return;
    this.waiting = undefined;
    this.onBytes(waiting, waiting.length);
    if (this.connection.ended && (this.state as State) !== 'waiting') this.onEnd();
  }

  /** Answers a request that cannot be understood, and closes: what follows it cannot be told apart. */
  private refuse(refusal: Refusal): void {
    this.owner.onRefused(refusal);
    this.connection.writeText(composeRefusal(refusal));
    this.close();
  }

  /** Sends a FIN and waits a little for the client's, so that a reset does not eat the response (RFC 9112 section 9.6). */
  close(): void {
    if (this.state === 'closing') return;
    this.state = 'closing';
    this.deadline = clock.ms + drainTimeoutMs;
    this.connection.end();
    this.connection.resume();
  }

  onEnd(): void {
    if (this.state === 'waiting') return this.probe();
    if (this.state === 'closing') return;
    if (this.exchange === undefined) return this.close();
    this.clientGone('the client closed the connection within its request');
    this.connection.destroy();
  }

  /**
   * A FIN behind a whole request: the client has closed, or only half-closed and still reads. An interim response (RFC 9110
   * section 15.2, which every client must pass over) tells: one that has closed answers it with a reset.
   */
  private probe(): void {
    this.connection.keepAlive(probeDelayMs);
    this.connection.watchForReset();
    if (this.responding || !this.framing.http11) return;
    this.connection.writeText('HTTP/1.1 102 Processing\r\n\r\n');
  }

  onDrain(): void {
    if (this.exchange !== undefined) this.exchange.onDownstreamDrain();
    else if (this.responseDone && !this.reading) this.finish();
  }

  onClose(error: Error | undefined): void {
    unwatchDeadline(this);
    this.state = 'closing';
    this.clientGone(
      error === undefined ? 'the client closed the connection' : `the connection broke: ${error.message}`,
    );
    this.owner.onClosed();
  }

  private clientGone(reason: string): void {
    const { exchange } = this;
    this.exchange = undefined;
    this.state = 'closing';
    exchange?.onRequestFailure({ flag: 'DC', status: 499, reason });
  }

  /** The exchange answers with the failure if it still can; the connection cannot be used after it. */
  private failExchange(failure: Failure): void {
    const { exchange } = this;
    this.closeAfter = true;
    exchange?.onRequestFailure(failure);
    this.close();
  }

  onDeadline(): void {
    if (this.state === 'head' && this.heads.text !== '') this.refuse(refusals.headTimeout);
    else if (this.state === 'closing') this.deadline = this.lastWords.await(this.connection);
    else this.close();
  }
}
