import type { ResponseReceiver, Upstream } from '../message/interfaces.ts';
import type { Fields } from '../message/fields.ts';
import { type RequestHead, ResponseHead } from '../message/head.ts';
import type { Connection, Receiver } from '../socket/connection.ts';
import { Expiring, unwatchDeadline, watchDeadline } from '../socket/deadlines.ts';
import { endedWhole } from '../socket/endedWhole.ts';
import { composeRequest } from './composeHead.ts';
import { BodyReader, type BodySink } from './readBody.ts';
import { Framing } from './framing.ts';
import { HeadReader } from './headReader.ts';
import { readResponseHead, responseSection } from './readHead.ts';
import { type Refusal, refusals } from '../message/refusal.ts';
import { expectedAccept, refuseSwitch } from './upgrade.ts';
import { MessageWriter } from './writeMessage.ts';

const maxInformational = 16;
const cr = 13;
const lf = 10;

/** Where an upstream connection goes when an exchange is through with it. */
export interface UpstreamOwner {
  /** It may serve another request. */
  onReusable(upstream: Http1Upstream): void;
  /** It is closed, or about to be. */
  onGone(upstream: Http1Upstream): void;
}

/**
 * One HTTP/1.1 connection to an endpoint: the upstream codec of one exchange after another. Its deadline is the connect
 * timeout, then the idle timeout while it waits in its pool.
 */
export class Http1Upstream extends Expiring implements Upstream, Receiver, BodySink {
  /** A response that refuses a request body comes before the reset that ends the writing of it (RFC 9112 section 9.5). */
  readonly readsOn = true;
  /** Milliseconds for which the server promised to keep it open (`Keep-Alive: timeout=`), or Infinity. */
  keepAliveMs = Infinity;
  served = 0;
  connected = false;
  private receiver: ResponseReceiver | undefined;
  private state: 'head' | 'body' = 'head';
  private informational = 0;
  private isHead = false;
  /** As RequestHead.upgrade. */
  private offered = '';
  /** As expectedAccept, where something is offered. */
  private accept: string | undefined;
  /** Its response must have no body. */
  private bodiless = false;
  private requestDone = false;
  private gone = false;
  /** Bytes of empty lines that came before a response though they belong to those before. */
  private strays = 0;
  private readonly heads = new HeadReader(responseSection);
  private readonly head = new ResponseHead();
  private readonly framing = new Framing();
  private readonly reader = new BodyReader();
  private readonly writer: MessageWriter;
  readonly connection: Connection;
  private readonly owner: UpstreamOwner;

  constructor(connection: Connection, owner: UpstreamOwner) {
    super();
    this.connection = connection;
    this.owner = owner;
    this.writer = new MessageWriter(connection);
    connection.receiver = this;
    watchDeadline(this);
  }

  /** Bytes of memory for what has come and waits: an unfinished head, trailers. */
  get held(): number {
    return this.heads.held + this.reader.held + this.connection.unsent;
  }

  onConnect(): void {
    this.connected = true;
    this.deadline = Infinity;
    this.receiver?.onUpstreamConnect();
  }

  /** Binds it to the exchange that calls `request` next. */
  bind(receiver: ResponseReceiver): void {
    this.receiver = receiver;
    this.state = 'head';
    this.informational = 0;
    this.requestDone = false;
    if (this.connected) this.deadline = Infinity;
  }

  request(head: RequestHead): void {
    this.isHead = head.method === 'HEAD';
    this.offered = head.upgrade;
    if (head.upgrade !== '') this.accept = expectedAccept(head);
    this.writer.head(composeRequest(head), { chunked: head.bodyLength < 0 });
  }

  body(buffer: Buffer, start: number, end: number): boolean {
    return this.writer.body(buffer, start, end);
  }

  end(trailers: Fields | undefined): void {
    this.writer.end(trailers?.toLines() ?? '');
    this.requestDone = true;
  }

  flush(): boolean {
    return this.writer.flush();
  }

  abort(): void {
    this.receiver = undefined;
    // A reset, not an end: the endpoint should notice that nobody waits for its response.
    this.connection.reset();
    this.drop();
  }

  pauseResponse(): void {
    this.connection.pause();
  }

  resumeResponse(): void {
    this.connection.resume();
  }

  onBytes(buffer: Buffer, length: number): void {
    const receiver = this.receiver;
    // Bytes that nobody asked for could be taken for the answer to the next request (http-safety rule 6).
    if (receiver === undefined) return this.drop();
    let at = 0;
    while (at < length && this.receiver === receiver) {
      at =
        this.state === 'head'
          ? this.readHead(buffer, at, length, receiver)
          : this.readBody(buffer, at, length, receiver);
    }
    if (this.receiver === receiver) receiver.onResponseFlush();
  }

  private readHead(buffer: Buffer, at: number, length: number, receiver: ResponseReceiver): number {
    const { heads, head } = this;
    if (this.served > 0 && heads.length === 0 && this.informational === 0) {
      if (this.isStray(buffer[at])) return at + 1;
      if (this.strays % 2 === 1) {
        this.garbage(refusals.statusLine);
        return length;
      }
    }
    const bytes = heads.read(buffer, at, length);
    const next = bytes === undefined ? length : heads.next;
    const refusal = bytes === undefined ? heads.refusal : readResponseHead(bytes, head, this.framing);
    if (refusal !== undefined) this.garbage(refusal);
    else if (bytes === undefined) return length;
    else if (head.status >= 200) this.startBody(receiver, next < length);
    else if (head.status === 101) this.switchProtocols(receiver, Buffer.from(buffer.subarray(next, length)));
    else if (++this.informational > maxInformational) this.failWith('the endpoint sent too many interim responses');
    else receiver.onInformational(head);
    return next;
  }

  /**
   * Some servers send an empty line behind each body, which then comes when the next request is under way. As many are
   * skipped as there were responses, and never anything else; the connection serves no further request.
   */
  private isStray(byte: number | undefined): boolean {
    if (byte !== (this.strays % 2 === 0 ? cr : lf) || this.strays >= 2 * this.served) return false;
    this.strays += 1;
    return true;
  }

  private switchProtocols(receiver: ResponseReceiver, first: Buffer): void {
    const refused = refuseSwitch(this.offered, this.accept, this.head);
    if (refused !== undefined) return this.failWith(refused);
    if (!this.requestDone) return this.failWith('the endpoint switched protocols before it had the whole request');
    this.receiver = undefined;
    receiver.onUpgrade(this.head, { connection: this.connection, first });
    // Only then: its place must not be another's before it is the tunnel's.
    this.leave();
  }

  private startBody(receiver: ResponseReceiver, more: boolean): void {
    const { head, reader, framing } = this;
    this.bodiless = this.isHead || head.status === 204 || head.status === 304;
    if (this.bodiless) reader.start('none', 0);
    else if (framing.transferEncoding !== '') reader.start('chunked', 0);
    else if (head.bodyLength >= 0) reader.start('length', head.bodyLength);
    else reader.start('close', 0);
    this.state = 'body';
    receiver.onResponse(head);
    if (reader.done && this.receiver === receiver) this.complete(receiver, more);
  }

  private readBody(buffer: Buffer, at: number, length: number, receiver: ResponseReceiver): number {
    const stop = this.reader.read(buffer, at, length, this);
    if (this.receiver !== receiver) return length;
    if (this.reader.refusal !== undefined) this.garbage(this.reader.refusal);
    else if (this.reader.done) this.complete(receiver, stop < length);
    return stop;
  }

  onBodyData(buffer: Buffer, start: number, end: number): void {
    this.receiver?.onResponseData(buffer, start, end);
  }

  /** `surplus`: bytes follow that belong to no response. */
  private complete(receiver: ResponseReceiver, surplus: boolean): void {
    const { framing, reader } = this;
    this.receiver = undefined;
    this.head.release();
    this.served++;
    const { ended, closed, writeError } = this.connection;
    const stands = !ended && !closed && writeError === undefined;
    const clean = !surplus && this.strays === 0 && !(this.bodiless && this.mayBeFollowed);
    if (this.requestDone && framing.persistent && stands && clean) {
      if (framing.keepAlive !== '') this.keepAliveMs = promisedMs(framing.keepAlive);
      this.connection.resume();
      this.owner.onReusable(this);
    } else this.drop();
    receiver.onResponseEnd(reader.trailers);
  }

  /** A response that must have no body has announced one: some servers send it all the same, however late. */
  private get mayBeFollowed(): boolean {
    const { bodyLength } = this.head;
    return this.framing.transferEncoding !== '' || bodyLength > 0 || (this.isHead && bodyLength < 0);
  }

  onEnd(): void {
    const receiver = this.receiver;
    if (receiver !== undefined && this.state === 'body' && endedWhole(this.connection) && this.reader.finish())
      this.complete(receiver, false);
    else this.fail(this.connection.writeError);
  }

  onDrain(): void {
    this.receiver?.onUpstreamDrain();
  }

  onClose(error: Error | undefined): void {
    this.fail(error);
  }

  onDeadline(): void {
    this.fail(this.connected ? undefined : new Error('connecting took too long'));
  }

  private fail(error: Error | undefined): void {
    const receiver = this.receiver;
    const untouched = this.state === 'head' && this.heads.length === 0 && this.informational === 0;
    this.receiver = undefined;
    this.drop();
    if (receiver === undefined) return;
    if (!this.connected) {
      const reason = `connecting to the endpoint failed: ${describe(error)}`;
      receiver.onUpstreamFailure({ flag: 'UF', status: 503, reason, reached: 'Never', aged: false });
      return;
    }
    const where = this.state === 'head' ? 'before its response' : 'within its response';
    const reason = `the endpoint closed the connection ${where}: ${describe(error)}`;
    const reached = untouched ? 'Perhaps' : 'Surely';
    receiver.onUpstreamFailure({ flag: 'UC', status: 503, reason, reached, aged: this.served > 0 });
  }

  private garbage({ status, message }: Refusal): void {
    const what = status === 431 ? 'a response that is too large to be passed on' : 'what is not valid HTTP';
    this.failWith(`the endpoint sent ${what}: ${message}`);
  }

  private failWith(reason: string): void {
    const receiver = this.receiver;
    this.receiver = undefined;
    this.drop();
    receiver?.onUpstreamFailure({ flag: 'UPE', status: 502, reason, reached: 'Surely', aged: false });
  }

  /** Closes it; its pool forgets it at once. */
  drop(): void {
    this.connection.destroy();
    this.leave();
  }

  private leave(): void {
    if (this.gone) return;
    this.gone = true;
    unwatchDeadline(this);
    this.owner.onGone(this);
  }
}

function promisedMs(keepAlive: string): number {
  const seconds = /(?:^|[,\s])timeout=(\d{1,6})/i.exec(keepAlive)?.[1];
  return seconds === undefined ? Infinity : Number(seconds) * 1000;
}

function describe(error: Error | undefined): string {
  if (error === undefined) return 'end of stream';
  const { code } = error as NodeJS.ErrnoException;
  return code ?? error.message;
}
