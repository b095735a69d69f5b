import type { DownstreamOwner } from '../http1/downstreamOwner.ts';
import { watchHalfClosed } from '../http1/halfClosed.ts';
import { LastWords } from '../http1/lastWords.ts';
import { maxUnsentBytes } from '../http1/limits.ts';
import { becomeTrailersOnly, grpcStatusFor } from '../message/grpcAnswer.ts';
import { RequestHead, ResponseHead } from '../message/head.ts';
import type { Held, Upgraded, UpgradeEnd } from '../message/interfaces.ts';
import { maxHeaderListBytes } from '../message/limits.ts';
import { type Refusal, refusals } from '../message/refusal.ts';
import { clock } from '../socket/clock.ts';
import type { Connection } from '../socket/connection.ts';
import { Budget, priceOfReset, prices } from './budget.ts';
import { maxHeadsBytes, maxStreams } from './limits.ts';
import type { Payload } from './payload.ts';
import { flags, largest31 } from './protocol.ts';
import { RequestHeadReader } from './requestHead.ts';
import { type RequestStreamOwner, RequestStream } from './requestStream.ts';
import { Session } from './session.ts';
import { nobody } from './responseBlocks.ts';
import { settingIds } from './settings.ts';
import type { StreamTable } from './streamTable.ts';
import { TrailersReader } from './trailers.ts';
import { writeResponseHead } from './writeHeads.ts';

/** Behind the announcement of its end a connection takes requests until its client has heard of it, or for so long. */
const announceMs = 1000;
/** A client that says nothing for so long though it waits for something is asked for a sign of life, and has as long for it. */
const silentMs = 60_000;
const lookEveryMs = 1000;
const ping = Buffer.from('heddle-1');

/** What the codec needs from the proxy around it. */
export type Http2DownstreamOwner = Pick<
  DownstreamOwner,
  'limits' | 'closing' | 'startExchange' | 'onRefused' | 'onUpgraded' | 'onClosed'
>;

/** One HTTP/2 connection from a client: each of its streams is a request. */
export class Http2Downstream extends Session implements RequestStreamOwner {
  declare readonly streams: StreamTable<RequestStream>;
  private readonly requests = new RequestHeadReader();
  private readonly trailers = new TrailersReader();
  private readonly owner: Http2DownstreamOwner;
  private readonly lookMs: number;
  /** For requests that are given up. */
  private readonly resets = new Budget();
  /** The last stream that the client has opened. */
  private lastId = 0;
  /** Of the heads of all streams. */
  private headsBytes = 0;
  private idleSinceMs = clock.ms;
  /** When the end was announced; -1: it was not. */
  private announcedMs = -1;
  /** The last stream that is served, once that was told. */
  private finalId = -1;
  private pingedMs = -1;
  private halfClosed = false;
  private readonly lastWords: LastWords;

  constructor(connection: Connection, owner: Http2DownstreamOwner) {
    super(connection, 'preface');
    this.owner = owner;
    const { headerTimeoutMs, idleTimeoutMs, progressTimeoutMs } = owner.limits;
    this.lastWords = new LastWords(progressTimeoutMs);
    this.lookMs = Math.min(lookEveryMs, headerTimeoutMs, idleTimeoutMs, progressTimeoutMs);
    connection.limitUnsent(maxUnsentBytes);
    this.deadline = clock.ms + this.lookMs;
    this.partialSinceMs = clock.ms;
    this.introduce([
      [settingIds.maxConcurrentStreams, maxStreams],
      [settingIds.maxHeaderListSize, maxHeaderListBytes],
      [settingIds.enableConnectProtocol, 1],
    ]);
  }

  protected override get servedUpTo(): number {
    return this.finalId >= 0 ? this.finalId : this.lastId;
  }

  /** No request is under way and no byte of one has come. */
  get idle(): boolean {
    return this.streams.size === 0 && !this.block.open && !this.reader.begun;
  }

  /** Bytes of memory that wait. */
  get held(): number {
    let held = this.reader.held + this.block.kept.held + this.writer.unsent;
    for (const stream of this.streams.all()) held += stream.held;
    return held;
  }

  protected isIdle(id: number): boolean {
    return id > this.lastId || id % 2 === 0;
  }

  protected onHeaders(id: number): void {
    if (id % 2 === 0) return this.violate('PROTOCOL_ERROR', 'a client may not open streams of even numbers');
    if (id <= this.lastId && !this.streams.has(id)) return this.refuseLate(id, 'HEADERS');
    return undefined;
  }

  protected onBlock(id: number, endStream: boolean, payload: Payload): void {
    const stream = this.streams.get(id);
    if (stream !== undefined) return this.readTrailers(stream, endStream, payload);
    // What is not served is read all the same: later heads refer to it.
    if (id <= this.lastId) return void this.decode(payload, nobody);
    this.closed.opened(id, this.lastId);
    this.lastId = id;
    if (this.finalId < 0 && this.streams.size < maxStreams && this.headsBytes < maxHeadsBytes)
      return this.readRequest(id, endStream, payload);
    this.decode(payload, nobody);
    this.closed.reset(id, 'by us');
    this.writer.reset(id, 'REFUSED_STREAM');
    return this.charge(prices.asked);
  }

  private readRequest(id: number, endStream: boolean, payload: Payload): void {
    const { requests } = this;
    const head = new RequestHead();
    requests.begin(head);
    if (!this.decode(payload, requests)) return undefined;
    const refusal = requests.finish(endStream ? 'none' : 'follows');
    const stream = new RequestStream(this, head, requests.listBytes);
    this.headsBytes += stream.headBytes;
    stream.id = id;
    stream.sendWindow = this.peer.initialWindow;
    stream.remoteEnded = endStream;
    this.streams.add(stream);
    if (refusal !== undefined) return this.refuse(stream, refusal);
    this.touch(stream);
    if (head.upgrade !== '') stream.awaitTunnel();
    const exchange = this.owner.startExchange(stream, head);
    if (this.owner.closing) this.close();
    if (stream.answered || stream.gone) return undefined;
    stream.exchange = exchange;
    if (endStream || head.upgrade !== '') exchange.onRequestEnd(undefined);
    if (endStream) stream.through?.onBytesEnd();
    return undefined;
  }

  /** A request that cannot be understood is no request; one that is understood and too much is answered. */
  private refuse(stream: RequestStream, refusal: Refusal): void {
    this.owner.onRefused(refusal, this.requests.refusedLine);
    if (refusal.status === 400) this.resetStream(stream, 'PROTOCOL_ERROR');
    else {
      const head = new ResponseHead();
      const { status, message: reason, flag } = refusal;
      head.status = status;
      head.bodyLength = 0;
      if (stream.head.isRPC) becomeTrailersOnly(head, stream.head, { status: grpcStatusFor(status, flag), reason });
      this.writeHead(stream, head);
      stream.end(undefined);
    }
    this.charge(prices.broken);
  }

  private readTrailers(stream: RequestStream, endStream: boolean, payload: Payload): void {
    const { trailers } = this;
    trailers.begin();
    if (!this.decode(payload, trailers)) return undefined;
    if (stream.remoteEnded)
      return this.failStream(stream, 'STREAM_CLOSED', 'HEADERS came behind the end of their stream');
    if (stream.through !== undefined) return this.failStream(stream, 'PROTOCOL_ERROR', 'HEADERS came in a tunnel');
    if (!endStream) return this.failStream(stream, 'PROTOCOL_ERROR', 'a trailer section does not end its stream');
    if (trailers.finish() !== undefined) return this.failStream(stream, 'PROTOCOL_ERROR', refusals.trailers.message);
    stream.addTrailers(trailers.listBytes);
    this.headsBytes += trailers.listBytes;
    stream.remoteEnded = true;
    this.touch(stream);
    stream.onTrailers(trailers.fields);
    if (stream.localEnded && !stream.gone) this.remove(stream);
    return undefined;
  }

  writeHead(stream: RequestStream, head: ResponseHead): void {
    writeResponseHead(this.encoder, head);
    this.writer.block(stream, this.encoder, flags.none);
  }

  protected onSettled(): void {
    // Nothing was sent that had to wait for it.
  }

  protected chargeReset({ begunMs }: RequestStream): void {
    this.charge(priceOfReset(clock.ms - begunMs), this.resets);
  }

  protected onGoaway(): void {
    // It says that we open no streams, which we do not.
  }

  protected onEndedFirst(stream: RequestStream): void {
    if (!stream.isTunnel) this.resetStream(stream, 'NO_ERROR');
  }

  onUpgraded(client: Upgraded, endpoint: Upgraded, onEnd: (end: UpgradeEnd) => void): Held {
    return this.owner.onUpgraded(client, endpoint, onEnd);
  }

  protected onRemoved(stream: RequestStream): void {
    this.headsBytes -= stream.headBytes;
    if (stream.localEnded && stream.remoteEnded) {
      this.budget.earn(prices.done);
      this.resets.earn(prices.hedged);
    }
    if (this.streams.size > 0) return;
    this.idleSinceMs = clock.ms;
    if (this.finalId >= 0 || this.halfClosed) this.finish();
  }

  /**
   * Tells the client that no further requests are served, in two steps (RFC 9113 section 6.8): what it sends before it has
   * heard of that is served.
   */
  close(): void {
    if (this.closing || this.announcedMs >= 0) return;
    if (!this.settled) return this.finish();
    this.announcedMs = clock.ms;
    this.writer.goaway(largest31, 'NO_ERROR', '');
    this.writer.ping(flags.none, ping, 0);
  }

  protected onPingAck(): void {
    this.pingedMs = -1;
    if (this.announcedMs >= 0) this.closeFinally();
  }

  private closeFinally(): void {
    if (this.closing || this.finalId >= 0) return;
    this.finalId = this.lastId;
    this.writer.goaway(this.lastId, 'NO_ERROR', '');
    if (this.streams.size === 0) this.finish();
  }

  /** As Served.shed: the requests that hold most are refused, and a connection whose client does not read is cut off. */
  shed(): void {
    const { status, message: reason, flag } = refusals.overload;
    let held = 0;
    for (const stream of this.streams.all()) held += stream.held;
    const average = held / this.streams.size;
    for (const stream of this.streams.all()) if (stream.held >= average) stream.shed({ flag, status, reason });
    if (this.connection.unsent > 0) this.connection.reset();
    else for (const stream of this.streams.all()) if (stream.unsent > 0) this.resetStream(stream, 'CANCEL');
  }

  onEnd(): void {
    if (this.closing) return;
    for (const stream of this.streams.all()) {
      if (stream.remoteEnded) continue;
      this.remove(stream);
      stream.onLost({ type: 'Closed', reason: 'the client closed the connection within its request' });
    }
    if (this.closing) return;
    if (this.streams.size === 0) return this.finish();
    this.halfClosed = true;
    watchHalfClosed(this.connection, 'wait');
    // What HTTP/1 asks with an interim response.
    this.writer.ping(flags.none, ping, 0);
  }

  onClose(error: Error | undefined): void {
    this.over();
    const reason = error === undefined ? 'the client closed the connection' : `the connection broke: ${error.message}`;
    this.lose({ type: 'Closed', reason });
    this.owner.onClosed();
  }

  onDeadline(): void {
    const { limits } = this.owner;
    const { connection } = this;
    if (this.closing) {
      this.deadline = this.lastWords.await(connection);
      return undefined;
    }
    this.deadline = clock.ms + this.lookMs;
    if (clock.ms - this.partialSinceMs >= limits.headerTimeoutMs)
      return this.violate('ENHANCE_YOUR_CALM', 'a frame or a head did not come to its end in time');
    if (this.announcedMs >= 0 && clock.ms - this.announcedMs >= announceMs) this.closeFinally();
    if (this.idle && clock.ms - this.idleSinceMs >= limits.idleTimeoutMs) return this.close();
    if (this.streams.size === 0 || this.halfClosed || connection.full) this.pingedMs = -1;
    else if (this.pingedMs < 0) {
      if (clock.ms - this.readMs < silentMs) return undefined;
      this.pingedMs = clock.ms;
      this.writer.ping(flags.none, ping, 0);
    } else if (clock.ms - this.pingedMs >= silentMs && clock.ms - this.readMs >= silentMs) {
      this.lose({ type: 'Silent', reason: 'the client does not answer' });
      connection.reset();
    }
    return undefined;
  }
}
