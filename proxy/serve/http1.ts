import type { Downstream, RequestReceiver, Upgraded, UpgradeEnd } from '../message/interfaces.ts';
import { Http1Downstream } from '../http1/downstream.ts';
import type { DownstreamOwner } from '../http1/downstreamOwner.ts';
import type { RefusedLine } from '../http1/refusedLine.ts';
import type { Refusal } from '../message/refusal.ts';
import type { RequestHead } from '../message/head.ts';
import { Tunnel } from '../tcp/tunnel.ts';
import type { EngineLimits } from './engine.ts';
import { reportRefused, startExchange } from './requests.ts';
import type { Ending, Served } from './served.ts';
import type { Serving } from './serving.ts';

/** Serves a connection's requests, each by an exchange of its own. */
export function serveHttp1(serving: Serving, first: Buffer): Served {
  const requests = new Requests(serving);
  requests.downstream.onBytes(first, first.length);
  return requests;
}

class Requests implements DownstreamOwner, Served {
  readonly downstream: Http1Downstream;
  /** What the connection has become by a request that upgraded it. */
  private tunnel: Tunnel | undefined;
  private readonly serving: Serving;

  constructor(serving: Serving) {
    this.serving = serving;
    this.downstream = new Http1Downstream(serving.connection, this);
  }

  get limits(): EngineLimits {
    return this.serving.engine.limits;
  }

  get closing(): boolean {
    return this.serving.engine.closing;
  }

  startExchange(downstream: Downstream, head: RequestHead): RequestReceiver {
    return startExchange(this.serving, downstream, head);
  }

  onRefused(refusal: Refusal, line: RefusedLine): void {
    reportRefused(this.serving, refusal, line);
  }

  onUpgraded(client: Upgraded, endpoint: Upgraded, onEnd: (end: UpgradeEnd) => void): void {
    this.tunnel = new Tunnel(client.connection, () => endpoint.connection, {
      first: client.first,
      firstBack: endpoint.first,
      connected: true,
      ...this.serving.engine.limits,
      onConnected: () => undefined,
      onEnd: (end) => {
        onEnd(end);
        this.serving.over();
      },
    });
  }

  onClosed(): void {
    this.serving.over();
  }

  get idle(): boolean {
    return this.tunnel === undefined && this.downstream.idle;
  }

  /** A tunnel is never known to be idle. */
  close(): void {
    if (this.tunnel === undefined) this.downstream.close();
  }

  onEnd(): void {
    this.downstream.onEnd();
  }

  get held(): number {
    return (this.tunnel ?? this.downstream).held;
  }

  shed(): void {
    (this.tunnel ?? this.downstream).shed();
  }

  get passedMs(): number | undefined {
    return this.tunnel?.passedMs;
  }

  destroy(why: Ending): void {
    if (this.tunnel === undefined) this.serving.connection.destroy();
    else this.tunnel.destroy(why);
  }
}
