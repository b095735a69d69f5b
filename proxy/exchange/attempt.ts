import type { Fields } from '../message/fields.ts';
import type { RequestHead, ResponseHead } from '../message/head.ts';
import type { Failure, Reached, ResponseReceiver, Upgraded, Upstream, UpstreamFailure } from '../message/interfaces.ts';
import { clock } from '../socket/clock.ts';
import type { Connections, ConnectionWaiter, UpstreamProtocol, Wanted } from '../upstream/connections.ts';
import type { UpstreamEndpoint } from '../upstream/endpoint.ts';
import { hasOwnTime, isFailure, standsFor, trailersStandFor } from './rpc.ts';

/** What an attempt tells the exchange that makes it; of one that was given up nothing is told. */
export interface AttemptOwner {
  /** What was `pending` is open: the body may follow. */
  onOpen(): void;
  onInformational(head: ResponseHead): void;
  /**
   * `status`: that of HTTP for which it stands, where it is trailers-only too. False: it says that the application is gone,
   * whether it is passed on or the request goes elsewhere.
   */
  onResponse(head: ResponseHead, status: number): boolean;
  /** The attempt is under way until `onUpgradeEnd` is called. */
  onUpgrade(head: ResponseHead, endpoint: Upgraded): void;
  onResponseData(buffer: Buffer, start: number, end: number): void;
  onResponseEnd(trailers: Fields | undefined): void;
  onResponseFlush(): void;
  onUpstreamDrain(): void;
  /** Whether all that is wrong is that the time of its caller is over, which servers of gRPC keep, too. */
  isOutOfTime(failure: UpstreamFailure): boolean;
  /** It brought no response, or not all of it. */
  onAttemptFailure(failure: UpstreamFailure): void;
}

const nothing = (): void => undefined;
/** Owns what nobody waits for any more. */
const nobody: AttemptOwner = {
  onOpen: nothing,
  onInformational: nothing,
  onResponse: () => true,
  onUpgrade: (_, { connection }) => connection.destroy(),
  onResponseData: nothing,
  onResponseEnd: nothing,
  onResponseFlush: nothing,
  onUpstreamDrain: nothing,
  isOutOfTime: () => false,
  onAttemptFailure: nothing,
};
// So much of a response that is thrown away is read, for so long, to keep its connection; else that is closed.
const maxDrainedBytes = 16_384;
const drainMs = 1000;

/** What is tried. `head` is this attempt's own. */
export type AttemptRequest = {
  readonly endpoint: UpstreamEndpoint;
  readonly protocol: UpstreamProtocol;
  readonly head: RequestHead;
};

/** One try of a request at one endpoint: gets a connection, sends the head, and tells the balancer how it went. */
export class Attempt implements ResponseReceiver, ConnectionWaiter {
  /** The head is on its way and the body may follow. */
  isOpen = false;
  readonly endpoint: UpstreamEndpoint;
  readonly protocol: UpstreamProtocol;
  private upstream: Upstream | undefined;
  /** When it was last given something of the request: what it takes from then on is its own time, not the client's. */
  private sentMs = 0;
  private requestDone = false;
  private response: ResponseHead | undefined;
  /** Of an RPC whose head says nothing yet: the latency of it. */
  private untoldMs = -1;
  /** It has ended, or was given up. */
  over = false;
  private owner: AttemptOwner;
  private readonly head: RequestHead;
  private readonly connections: Connections;

  constructor(owner: AttemptOwner, { endpoint, protocol, head }: AttemptRequest) {
    this.owner = owner;
    this.endpoint = endpoint;
    this.head = head;
    this.protocol = protocol;
    this.connections = endpoint.connections(protocol);
  }

  /** `pending`: the owner's onOpen comes, or onAttemptFailure. `refused`: too many wait for a connection already. */
  start(wanted: Wanted): 'open' | 'pending' | 'refused' {
    this.endpoint.begin();
    const upstream = this.connections.take(wanted);
    if (upstream !== undefined) this.bind(upstream);
    else if (!this.connections.wait(this)) {
      this.settle();
      return 'refused';
    }
    return this.isOpen ? 'open' : 'pending';
  }

  private bind(upstream: Upstream): void {
    this.upstream = upstream;
    this.sentMs = clock.ms;
    upstream.bind(this);
    upstream.request(this.head);
    // A body waits in the client rather than here.
    this.isOpen = upstream.connected || this.head.bodyLength === 0;
  }

  onUpstream(upstream: Upstream): void {
    this.bind(upstream);
    if (this.isOpen) this.owner.onOpen();
  }

  onUpstreamConnect(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    this.owner.onOpen();
  }

  onUpstreamFull(): boolean {
    if (!this.connections.wait(this)) return false;
    this.upstream = undefined;
    return true;
  }

  /** Bytes of memory that wait in it. */
  get held(): number {
    return this.upstream?.held ?? 0;
  }

  /** False as for Upstream.body. */
  body(buffer: Buffer, start: number, end: number): boolean {
    this.sentMs = clock.ms;
    return this.upstream?.body(buffer, start, end) ?? true;
  }

  end(trailers: Fields | undefined): void {
    this.sentMs = clock.ms;
    this.requestDone = true;
    this.upstream?.end(trailers);
  }

  /** False as for Upstream.flush. */
  flush(): boolean {
    return this.upstream?.flush() ?? true;
  }

  pauseResponse(): void {
    this.upstream?.pauseResponse();
  }

  resumeResponse(): void {
    this.upstream?.resumeResponse();
  }

  /** What the endpoint may have seen of it, as far as is known here. */
  get reached(): Reached {
    if (this.response !== undefined) return 'Surely';
    return this.upstream?.connected === true ? 'Perhaps' : 'Never';
  }

  /** Its endpoint has taken longer than it may. */
  timeOut(): void {
    if (this.over) return;
    this.endpoint.onFault();
    this.drop();
  }

  /** Nobody waits for its response any more, of which nothing but the head has come, if it has. */
  discard(): void {
    const length = this.response?.bodyLength ?? -1;
    if (this.over || !this.requestDone || length < 0 || length > maxDrainedBytes) return this.abandon();
    this.owner = nobody;
    this.isOpen = false;
    setTimeout(() => this.abandon(), drainMs).unref();
  }

  /** Gives it up, whatever it has come to; `why`: its client's side has ended so. */
  abandon(why?: Failure): void {
    if (this.over) return;
    this.tellWait();
    this.drop(why);
  }

  private tellWait(): void {
    // Who was still sending has waited for nobody.
    if (this.upstream === undefined || !this.requestDone || this.response !== undefined) return;
    const { measure } = this.endpoint;
    const waitedMs = clock.ms - this.sentMs;
    if (hasOwnTime(this.head)) measure.outwaited(waitedMs, clock.ms);
    else measure.unanswered(waitedMs, clock.ms);
  }

  private drop(why?: Failure): void {
    if (this.upstream === undefined) this.connections.stopWaiting(this);
    else this.upstream.abort(why);
    this.settle();
  }

  onInformational(head: ResponseHead): void {
    this.owner.onInformational(head);
  }

  onResponse(head: ResponseHead): void {
    this.response = head;
    const { measure } = this.endpoint;
    const latencyMs = clock.ms - this.sentMs;
    // Of a caller of gRPC the answers of another sidecar are trailers-only, too.
    const status = this.head.isRPC || head.hasOwnFields ? standsFor(head) : head.status;
    if (!this.owner.onResponse(head, status ?? head.status)) measure.fault(clock.ms);
    else if (status === undefined) this.untoldMs = latencyMs;
    else if (isFailure(status, this.head)) measure.failed(latencyMs, clock.ms);
    else measure.answered(latencyMs, clock.ms);
  }

  onUpgrade(head: ResponseHead, endpoint: Upgraded): void {
    this.response = head;
    this.upstream = undefined;
    this.endpoint.measure.answered(clock.ms - this.sentMs, clock.ms);
    if (this.isTunnelAlone) this.endpoint.places.becomeTunnel();
    this.owner.onUpgrade(head, endpoint);
  }

  onUpgradeEnd(): void {
    if (this.isTunnelAlone) this.endpoint.places.leaveTunnel();
    this.settle();
  }

  /** Its connection is the tunnel: a stream of HTTP/2 stays on the one that it shares. */
  private get isTunnelAlone(): boolean {
    return this.protocol === 'http1';
  }

  onResponseData(buffer: Buffer, start: number, end: number): void {
    if (this.untoldMs >= 0) this.tell(true);
    this.owner.onResponseData(buffer, start, end);
  }

  onResponseFlush(): void {
    this.owner.onResponseFlush();
  }

  onResponseEnd(trailers: Fields | undefined): void {
    if (this.head.isRPC) this.judgeTrailers(trailers);
    this.settle();
    this.owner.onResponseEnd(trailers);
  }

  /** What the trailers of an RPC say of its endpoint, where the head did not: also of one that has begun well. */
  private judgeTrailers(trailers: Fields | undefined): void {
    if (trailers === undefined && this.untoldMs < 0) return;
    const isGood = !isFailure(trailersStandFor(trailers), this.head);
    if (this.untoldMs >= 0) this.tell(isGood);
    else if (!isGood) this.endpoint.measure.failed(0, clock.ms);
  }

  /** A message has come of an RPC, or its trailers: now it is known how its endpoint took it. */
  private tell(isGood: boolean): void {
    const { measure } = this.endpoint;
    if (isGood) measure.answered(this.untoldMs, clock.ms);
    else measure.failed(this.untoldMs, clock.ms);
    this.untoldMs = -1;
  }

  onUpstreamFailure(failure: UpstreamFailure): void {
    if (this.owner.isOutOfTime(failure)) this.tellWait();
    // A connection that died of its age says nothing about its endpoint.
    else if (failure.reached === 'Surely' || !failure.aged) this.endpoint.onFault();
    this.settle();
    this.owner.onAttemptFailure(failure);
  }

  onUpstreamDrain(): void {
    this.owner.onUpstreamDrain();
  }

  private settle(): void {
    if (this.over) return;
    this.over = true;
    this.isOpen = false;
    this.upstream = undefined;
    this.endpoint.end();
  }
}
