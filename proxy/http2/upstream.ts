import { maxUnsentBytes } from '../http1/limits.ts';
import type { RequestHead } from '../message/head.ts';
import { maxHeaderListBytes } from '../message/limits.ts';
import { clock } from '../socket/clock.ts';
import type { Connection } from '../socket/connection.ts';
import { toEndpoints } from '../socket/held.ts';
import { asRaw } from '../socket/rawConnection.ts';
import { prices } from './budget.ts';
import { closedBy, type Lost, neverSpoken } from './lost.ts';
import { LifeSigns } from './lifeSigns.ts';
import { lastUsableId, maxCancelled, maxStreams } from './limits.ts';
import { Openings } from './openings.ts';
import type { Payload } from './payload.ts';
import { type ErrorName, errorName, flags, preface } from './protocol.ts';
import { nobody, ResponseBlocks } from './responseBlocks.ts';
import { type ResponseStreamOwner, ResponseStream } from './responseStream.ts';
import { Session } from './session.ts';
import { settingIds } from './settings.ts';
import type { StreamTable } from './streamTable.ts';
import type { UpstreamOwner } from './upstreamOwner.ts';
import { writeRequestHead } from './writeHeads.ts';

const ping = Buffer.from('heddle-2');

/** One HTTP/2 connection to an endpoint, shared by as many exchanges as its server takes. */
export class Http2Upstream extends Session implements ResponseStreamOwner {
  /** What a server says before its reset tells which requests it has not looked at. */
  readonly readsOn = true;
  declare readonly streams: StreamTable<ResponseStream>;
  /** Streams that were given out and are not over. */
  assigned = 0;
  hasServed = false;
  /** Among those that limitHeld looks at. */
  place = -1;
  private connected = false;
  private usedUp = false;
  private cancelled = 0;
  private nextId = 1;
  private readonly openings = new Openings(this);
  private readonly lifeSigns: LifeSigns;
  private readonly blocks = new ResponseBlocks((payload, sink) => this.decode(payload, sink));
  private readonly owner: UpstreamOwner<Http2Upstream>;

  constructor(connection: Connection, owner: UpstreamOwner<Http2Upstream>, connectTimeoutMs: number) {
    super(connection, 'nothing');
    this.owner = owner;
    this.lifeSigns = new LifeSigns(owner.pings);
    this.deadline = clock.ms + connectTimeoutMs;
    toEndpoints.add(this);
    this.writer.corked = true;
    this.writer.raw(preface);
    this.introduce([
      [settingIds.enablePush, 0],
      [settingIds.maxHeaderListSize, maxHeaderListBytes],
    ]);
  }

  /** The connection stands; what is spoken on it is known when SETTINGS come. */
  onConnect(): void {
    this.connected = true;
    this.connection.limitUnsent(maxUnsentBytes);
    this.writer.corked = false;
    this.writer.flush();
  }

  /** Bytes that wait though all whose requests they belong to have given up. */
  get unclaimed(): number {
    return this.streams.size === 0 && this.connection.full ? this.writer.unsent : 0;
  }

  /** How many more requests it can be given. */
  get room(): number {
    if (this.usedUp || this.closing || this.nextId > lastUsableId) return 0;
    return this.most - this.assigned;
  }

  private get most(): number {
    return Math.min(maxStreams, this.settled ? this.peer.maxConcurrentStreams : this.owner.firstStreams);
  }

  /** Nothing is under way on it, and it was not used for so long that its server may have closed it. */
  get mayBeStale(): boolean {
    return this.assigned === 0 && this.settled && clock.ms - this.connection.movedMs > 250;
  }

  takes({ upgrade }: RequestHead): boolean {
    return this.openings.length === 0 && this.takesMore && (upgrade === '' || this.peer.connectProtocol);
  }

  /** A stream can be opened now, and what it says leaves before long. */
  get takesMore(): boolean {
    if (!this.settled || this.usedUp || this.closing || !this.writer.open) return false;
    return this.streams.size < this.most;
  }

  /** For one request. */
  newStream(): ResponseStream {
    this.assigned++;
    return new ResponseStream(this);
  }

  openStream(stream: ResponseStream, head: RequestHead): void {
    if (head.upgrade !== '' && !this.peer.connectProtocol) return this.refuseTunnel(stream);
    stream.id = this.nextId;
    stream.sendWindow = this.peer.initialWindow;
    this.nextId += 2;
    if (this.streams.size === 0) this.watch();
    this.streams.add(stream);
    const isWhole = head.bodyLength === 0 && head.upgrade === '';
    stream.localEnded = isWhole;
    writeRequestHead(this.encoder, head);
    this.writer.block(stream, this.encoder, isWhole ? flags.endStream : flags.none);
    if (this.nextId > lastUsableId) this.useUp();
  }

  /** Its server has not offered any. */
  private refuseTunnel(stream: ResponseStream): void {
    stream.release();
    this.onRemoved();
    stream.onLost({ type: 'NotOffered', reason: 'the endpoint offers no upgrade over HTTP/2' });
  }

  queueStream(stream: ResponseStream): void {
    // Not at once: who asks is not told of anything from within asking.
    if (this.takesMore) setImmediate(() => this.openings.openAll());
    // A server that reads nothing is asked for a sign of life, as if it had the request.
    if (this.settled && this.assigned === 1) this.watch();
    this.openings.add(stream);
  }

  dropStream(stream: ResponseStream): void {
    if (!this.openings.drop(stream)) return;
    stream.release();
    this.onRemoved();
  }

  /** Heads and bodies take turns: neither waits until there are none of the others. */
  override onDrain(): void {
    this.writer.flush();
    this.openings.openNext();
    super.onDrain();
    this.openings.openAll();
  }

  cancelStream(stream: ResponseStream, error: ErrorName): void {
    this.resetStream(stream, error);
    if (++this.cancelled >= maxCancelled) this.useUp();
  }

  completeStream(stream: ResponseStream): void {
    this.hasServed = true;
    this.budget.earn(prices.done);
    if (stream.localEnded) this.remove(stream);
    else this.resetStream(stream, 'NO_ERROR');
  }

  protected onSettled(): void {
    this.watch();
    // A server that takes none at all takes some later; else another connection has room sooner.
    if (this.most > 0) this.assigned -= this.openings.handBack(this.assigned - this.most);
    this.openings.openAll();
    this.owner.onSettled(this, this.most);
    if (this.assigned === 0) this.rest();
  }

  protected isIdle(id: number): boolean {
    return id % 2 === 0 || id >= this.nextId;
  }

  protected onHeaders(id: number): void {
    if (!this.streams.has(id)) this.refuseLate(id, 'HEADERS');
  }

  protected onBlock(id: number, endStream: boolean, payload: Payload): void {
    const stream = this.streams.get(id);
    if (stream === undefined) return void this.decode(payload, nobody);
    this.touch(stream);
    const wrong = this.blocks.read(stream, endStream, payload);
    return wrong === undefined ? undefined : this.failStream(stream, 'PROTOCOL_ERROR', wrong);
  }

  /** The response is still to come. */
  protected onEndedFirst(): void {}

  /** Each of them answers a request of ours. */
  protected chargeReset(): void {}

  protected onRemoved(): void {
    this.assigned--;
    this.openings.openAll();
    if (this.closing) return;
    if (this.assigned === 0) this.rest();
    this.owner.onRoom(this);
  }

  /** Nothing is under way. Until SETTINGS come it is the time for connecting that runs, whoever waits for it. */
  private rest(): void {
    if (this.usedUp) this.leave();
    else if (this.settled) this.deadline = clock.ms + this.owner.idleTimeoutMs;
  }

  private watch(): void {
    this.deadline = clock.ms + this.owner.pings.afterMs;
  }

  /** No further requests are given to it; it closes behind those that it has. */
  useUp(reason = 'its connection takes no more requests'): void {
    if (this.usedUp) return;
    this.assigned -= this.openings.handBack(Infinity);
    this.depart();
    this.loseQueued({ type: 'Unprocessed', reason });
    if (this.assigned === 0) this.leave();
  }

  private leave(): void {
    if (this.closing) return;
    if (!this.connected) return this.connection.destroy();
    this.writer.goaway(0, 'NO_ERROR', '');
    this.finish();
  }

  protected onGoaway(lastId: number, code: number): void {
    const reason = `the endpoint closed the connection before it looked at the request: ${errorName(code)}`;
    const unseen = this.streams.all().filter(({ id }) => id > lastId);
    this.depart();
    for (const stream of unseen) this.remove(stream);
    for (const stream of unseen) stream.onLost({ type: 'Unprocessed', reason });
    this.loseQueued({ type: 'Unprocessed', reason });
    if (this.assigned === 0) this.leave();
  }

  private loseQueued(lost: Lost): void {
    for (const stream of this.openings.takeAll()) {
      stream.release();
      this.assigned--;
      stream.onLost(lost);
    }
  }

  protected onPingAck(): void {
    this.lifeSigns.answered();
  }

  protected override finish(): void {
    super.finish();
    this.depart();
  }

  protected override lose(lost: Lost): void {
    this.depart();
    // A request that was never sent may be sent on another connection, whatever became of this one.
    this.loseQueued(this.settled ? { ...lost, type: 'Unprocessed' } : neverSpoken(lost));
    super.lose(lost);
  }

  private depart(): void {
    if (this.usedUp) return;
    this.usedUp = true;
    this.owner.onUsedUp(this);
  }

  onEnd(): void {
    if (!this.closing) this.end(undefined);
  }

  onClose(error: Error | undefined): void {
    this.end(error);
    this.over();
    toEndpoints.delete(this);
    this.owner.onGone(this);
  }

  private end(error: Error | undefined): void {
    if (!this.closing) {
      this.closing = true;
      this.connection.destroy();
    }
    this.lose(closedBy(error, this.connected ? (this.settled ? 'settled' : 'connected') : 'dialled'));
  }

  onDeadline(): void {
    if (this.closing) return this.connection.destroy();
    if (!this.settled) return this.end(new Error(this.connected ? 'it sent no SETTINGS' : 'connecting took too long'));
    return this.assigned > 0 ? this.look() : this.useUp();
  }

  /** Requests wait on it: a server that is silent is asked for a sign of life. */
  private look(): void {
    const { connection, writer } = this;
    const undelivered = asRaw(connection)?.undelivered ?? 0;
    const { type, againInMs } = this.lifeSigns.look(this.readMs, { written: writer.written, undelivered });
    this.deadline = clock.ms + againInMs;
    if (type === 'Ask') writer.ping(flags.none, ping, 0);
    if (type !== 'Dead') return;
    connection.reset();
    this.closing = true;
    this.lose({ type: 'Silent', reason: 'the endpoint does not answer, nor a PING' });
  }
}
