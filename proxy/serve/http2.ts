import { Bag } from '../../runtime/bag.ts';
import { Http2Downstream, type Http2DownstreamOwner } from '../http2/downstream.ts';
import type { Upgraded, UpgradeEnd } from '../message/interfaces.ts';
import type { Tunnel } from '../tcp/tunnel.ts';
import { Requests } from './requests.ts';
import type { Ending, Served } from './served.ts';
import type { Serving } from './serving.ts';

/** Serves the requests of an HTTP/2 connection, each of its streams by an exchange of its own. */
export function serveHttp2(serving: Serving, first: Buffer): Served {
  const requests = new Http2Requests(serving);
  requests.downstream.onBytes(first, first.length);
  return requests;
}

class Http2Requests extends Requests implements Http2DownstreamOwner, Served {
  readonly downstream: Http2Downstream;
  /** What streams have become by requests that upgraded them. */
  private readonly tunnels = new Bag<Tunnel>();

  constructor(serving: Serving) {
    super(serving);
    this.downstream = new Http2Downstream(serving.connection, this);
  }

  onUpgraded(client: Upgraded, endpoint: Upgraded, onEnd: (end: UpgradeEnd) => void): Tunnel {
    const tunnel = this.join(client, endpoint, (end) => {
      this.tunnels.delete(tunnel);
      onEnd(end);
    });
    this.tunnels.add(tunnel);
    return tunnel;
  }

  /** Where nothing but tunnels is under way. */
  get passedMs(): number | undefined {
    const { tunnels, downstream } = this;
    if (tunnels.size === 0 || tunnels.size < downstream.streams.size) return undefined;
    return Math.max(...Array.from(tunnels, ({ passedMs }) => passedMs));
  }

  get idle(): boolean {
    return this.downstream.idle;
  }

  close(): void {
    this.downstream.close();
  }

  announceEnd(): void {
    this.downstream.close();
  }

  onEnd(): void {
    this.downstream.onEnd();
  }

  get held(): number {
    return this.downstream.held;
  }

  shed(): void {
    this.downstream.shed();
  }

  destroy(why: Ending): void {
    for (const tunnel of this.tunnels) tunnel.destroy(why);
    this.serving.connection.destroy();
  }
}
