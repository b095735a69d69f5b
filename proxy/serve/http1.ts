import type { Upgraded, UpgradeEnd } from '../message/interfaces.ts';
import { Http1Downstream } from '../http1/downstream.ts';
import type { DownstreamOwner } from '../http1/downstreamOwner.ts';
import { unreadSince } from '../socket/unread.ts';
import type { Tunnel } from '../tcp/tunnel.ts';
import { Requests } from './requests.ts';
import type { Ending, Served } from './served.ts';
import type { Serving } from './serving.ts';

/** Serves a connection's requests, each by an exchange of its own. */
export function serveHttp1(serving: Serving, first: Buffer): Served {
  const requests = new Http1Requests(serving);
  requests.downstream.onBytes(first, first.length);
  return requests;
}

class Http1Requests extends Requests implements DownstreamOwner, Served {
  readonly downstream: Http1Downstream;
  /** What the connection has become by a request that upgraded it. */
  private tunnel: Tunnel | undefined;

  constructor(serving: Serving) {
    super(serving);
    this.downstream = new Http1Downstream(serving.connection, this);
  }

  onUpgraded(client: Upgraded, endpoint: Upgraded, onEnd: (end: UpgradeEnd) => void): Tunnel {
    this.tunnel = this.join(client, endpoint, (end) => {
      onEnd(end);
      this.serving.over();
    });
    return this.tunnel;
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

  unread(sinceMs: number): number {
    return this.tunnel?.unread(sinceMs) ?? unreadSince(this.serving.connection, sinceMs);
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
