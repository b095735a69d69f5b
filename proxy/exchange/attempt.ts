import type { Fields } from '../message/fields.ts';
import type { RequestHead, ResponseHead } from '../message/head.ts';
import type { ResponseReceiver, Upgraded, Upstream, UpstreamFailure } from '../message/interfaces.ts';
import { clock } from '../socket/clock.ts';
import type { Connections, ConnectionWaiter, UpstreamProtocol, Wanted } from '../upstream/connections.ts';
import type { UpstreamEndpoint } from '../upstream/endpoint.ts';

/** What an attempt tells the exchange that makes it; of one that was given up nothing is told. */
export interface AttemptOwner {
  /** What was `pending` is open: the body may follow. */
  onOpen(): void;
  onInformational(head: ResponseHead): void;
  /** False: this response is not passed on, the request goes elsewhere. */
  onResponse(head: ResponseHead): boolean;
  /** The attempt is under way until `onUpgradeEnd` is called. */
  onUpgrade(head: ResponseHead, endpoint: Upgraded): void;
  onResponseData(buffer: Buffer, start: number, end: number): void;
  onResponseEnd(trailers: Fields | undefined): void;
  onResponseFlush(): void;
  onUpstreamDrain(): void;
  /** It brought no response, or not all of it. */
  onAttemptFailure(failure: UpstreamFailure): void;
}

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
  private upstream: Upstream | undefined;
  /** When it was last given something of the request: what it takes from then on is its own time, not the client's. */
  private sentMs = 0;
  private requestDone = false;
  private responded = false;
  private over = false;
  private readonly head: RequestHead;
  private readonly connections: Connections;
  private readonly owner: AttemptOwner;

  constructor(owner: AttemptOwner, { endpoint, protocol, head }: AttemptRequest) {
    this.owner = owner;
    this.endpoint = endpoint;
    this.head = head;
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

  /** Gives it up, whatever it has come to. */
  abandon(): void {
    if (this.over) return;
    if (this.upstream === undefined) this.connections.stopWaiting(this);
    else {
      // Who was still sending has waited for nobody.
      if (this.requestDone && !this.responded) this.endpoint.measure.unanswered(clock.ms - this.sentMs, clock.ms);
      this.upstream.abort();
    }
    this.settle();
  }

  onInformational(head: ResponseHead): void {
    this.owner.onInformational(head);
  }

  onResponse(head: ResponseHead): void {
    this.responded = true;
    const { measure } = this.endpoint;
    const latencyMs = clock.ms - this.sentMs;
    const { status } = head;
    if (!this.owner.onResponse(head)) measure.fault(clock.ms);
    else if (status >= 500) measure.failed(latencyMs, clock.ms);
    else measure.answered(latencyMs, clock.ms);
  }

  onUpgrade(head: ResponseHead, endpoint: Upgraded): void {
    this.responded = true;
    this.upstream = undefined;
    this.endpoint.measure.answered(clock.ms - this.sentMs, clock.ms);
    this.owner.onUpgrade(head, endpoint);
  }

  onUpgradeEnd(): void {
    this.settle();
  }

  onResponseData(buffer: Buffer, start: number, end: number): void {
    this.owner.onResponseData(buffer, start, end);
  }

  onResponseFlush(): void {
    this.owner.onResponseFlush();
  }

  onResponseEnd(trailers: Fields | undefined): void {
    this.settle();
    this.owner.onResponseEnd(trailers);
  }

  onUpstreamFailure(failure: UpstreamFailure): void {
    // A connection that died of its age says nothing about its endpoint.
    if (failure.reached !== 'Perhaps' || !failure.aged) this.endpoint.onFault();
    this.settle();
    this.owner.onAttemptFailure(failure);
  }

  onUpstreamDrain(): void {
    this.owner.onUpstreamDrain();
  }

  private settle(): void {
    if (this.over) return;
    this.over = true;
    this.upstream = undefined;
    this.endpoint.end();
  }
}
