import type { Fields } from '../message/fields.ts';
import type { RequestHead, ResponseHead } from '../message/head.ts';
import type { Failure, ResponseReceiver, Upstream } from '../message/interfaces.ts';
import { errorCodes, type ErrorName, errorName } from './protocol.ts';
import { endpointFailure, type Lost } from './lost.ts';
import { codeForEndpoint } from './resetCodes.ts';
import { Stream, type StreamOwner } from './stream.ts';
import { StreamConnection } from './streamConnection.ts';
import { becomeSwitch, type RequestedUpgrade, requestedUpgrade } from './extendedConnect.ts';

/** The connection of a response's stream. */
export interface ResponseStreamOwner extends StreamOwner {
  /** The peer is known to speak HTTP/2 and takes this one more: it leaves now. */
  takes(head: RequestHead): boolean;
  /** Bytes that have not left, divided among its streams. */
  readonly unsentShare: number;
  /** Requests were answered on it before. */
  readonly hasServed: boolean;
  /** Sends the head, which gives the stream its number. */
  openStream(stream: ResponseStream, head: RequestHead): void;
  /** It waits until it can be opened. */
  queueStream(stream: ResponseStream): void;
  /** It will never be opened. */
  dropStream(stream: ResponseStream): void;
  /** It was opened, and is given up. */
  cancelStream(stream: ResponseStream, error: ErrorName): void;
  /** Its response is complete. */
  completeStream(stream: ResponseStream): void;
}

const maxInformational = 16;
const nothing = Buffer.alloc(0);

/** One request to an HTTP/2 server and its response: the upstream codec of one exchange. */
export class ResponseStream extends Stream implements Upstream {
  /** The head of a request that waits to be sent. */
  head: RequestHead | undefined;
  method = '';
  /** Undefined: it asks for no upgrade. */
  private upgrade: RequestedUpgrade | undefined;
  private receiver: ResponseReceiver | undefined;
  private responded = false;
  private informational = 0;
  /** Bytes of the body that are still to come; -1: unknown. */
  private left = -1;
  private readonly owner: ResponseStreamOwner;

  constructor(owner: ResponseStreamOwner) {
    super(owner);
    this.owner = owner;
  }

  get held(): number {
    return this.unsent + (this.id === 0 || this.gone ? 0 : this.owner.unsentShare);
  }

  get connected(): boolean {
    return this.id !== 0;
  }

  /** Its final head has come. */
  get hasHead(): boolean {
    return this.responded;
  }

  bind(receiver: ResponseReceiver): void {
    this.receiver = receiver;
  }

  request(head: RequestHead): void {
    this.method = head.method;
    if (head.upgrade !== '') this.upgrade = requestedUpgrade(head);
    if (this.owner.takes(head)) return this.owner.openStream(this, head);
    this.head = head;
    return this.owner.queueStream(this);
  }

  /** It was opened, later than it was asked for. */
  onOpened(): void {
    this.receiver?.onUpstreamConnect();
  }

  /** Its connection has no room for it; false: nor may it wait for another. */
  handBack(): boolean {
    if (this.receiver?.onUpstreamFull() !== true) return false;
    this.receiver = undefined;
    this.release();
    return true;
  }

  override flush(): boolean {
    return this.id === 0 || super.flush();
  }

  override end(trailers: Fields | undefined): void {
    // A request without a body ends with its head, and one for a tunnel not before the tunnel.
    if (this.id !== 0 && (this.upgrade === undefined || this.through !== undefined)) super.end(trailers);
  }

  abort(why?: Failure): void {
    this.receiver = undefined;
    if (this.id === 0) this.owner.dropStream(this);
    else this.owner.cancelStream(this, codeForEndpoint(why));
  }

  override cancel(): void {
    if (!this.gone) this.owner.cancelStream(this, 'CANCEL');
  }

  pauseResponse(): void {
    this.pauseReading();
  }

  resumeResponse(): void {
    this.resumeReading();
  }

  /** A head has come; `isLast`: it ends the stream. */
  onHead(head: ResponseHead, isLast: boolean): void {
    const { receiver } = this;
    if (head.status < 200) {
      if (++this.informational > maxInformational) return this.fail('there are too many interim responses');
      return receiver?.onInformational(head);
    }
    this.responded = true;
    if (this.upgrade !== undefined && head.status < 300) return this.become(this.upgrade, head, isLast);
    const bodiless = this.method === 'HEAD' || head.status === 204 || head.status === 304;
    this.left = bodiless ? 0 : head.bodyLength;
    receiver?.onResponse(head);
    return isLast ? this.complete(undefined) : undefined;
  }

  /** It is a tunnel from now on (RFC 8441 section 5). */
  private become(upgrade: RequestedUpgrade, head: ResponseHead, isLast: boolean): void {
    const { receiver } = this;
    const connection = new StreamConnection(this);
    this.receiver = undefined;
    this.through = connection;
    becomeSwitch(head, upgrade);
    receiver?.onUpgrade(head, { connection, first: nothing });
    if (!isLast) return;
    this.remoteEnded = true;
    connection.onBytesEnd();
  }

  onTrailers(trailers: Fields | undefined): void {
    if (this.through === undefined) this.complete(trailers);
    else this.fail('HEADERS came in a tunnel');
  }

  onBytes(buffer: Buffer, start: number, end: number): void {
    if (this.through !== undefined) return this.through.onBytes(buffer, start, end);
    if (!this.responded) return this.fail('DATA came before a response');
    if (this.left >= 0) {
      this.left -= end - start;
      if (this.left < 0) return this.fail('the body is longer than it may be');
    }
    return this.receiver?.onResponseData(buffer, start, end);
  }

  onBytesEnd(): void {
    if (this.through !== undefined) this.through.onBytesEnd();
    else if (this.responded) this.complete(undefined);
    else this.fail('the stream ended before a response');
  }

  private complete(trailers: Fields | undefined): void {
    const { receiver } = this;
    if (this.gone) return;
    if (this.left > 0) return this.fail('the body is shorter than Content-Length says');
    this.receiver = undefined;
    this.remoteEnded = true;
    this.owner.completeStream(this);
    return receiver?.onResponseEnd(trailers);
  }

  private fail(reason: string): void {
    this.owner.failStream(this, 'PROTOCOL_ERROR', reason);
  }

  onReadEnd(): void {
    this.receiver?.onResponseFlush();
  }

  onDrain(): void {
    if (this.receiver === undefined) this.through?.onDrain();
    else this.receiver.onUpstreamDrain();
  }

  onReset(code: number): void {
    const unprocessed = code === errorCodes.REFUSED_STREAM && !this.responded;
    this.onLost({
      type: unprocessed ? 'Unprocessed' : 'Reset',
      reason: `the endpoint reset the stream: ${errorName(code)}`,
      code,
    });
  }

  onLost(lost: Lost): void {
    const { receiver } = this;
    this.receiver = undefined;
    const begun = this.responded || this.informational > 0;
    receiver?.onUpstreamFailure(endpointFailure(lost, { begun, hasServed: this.owner.hasServed }));
    this.through?.onLost(lost);
  }
}
