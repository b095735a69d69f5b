import { Http2Downstream, type Http2DownstreamOwner } from '../http2/downstream.ts';
import { Requests } from './requests.ts';
import type { Served } from './served.ts';
import type { Serving } from './serving.ts';

/** Serves the requests of an HTTP/2 connection, each of its streams by an exchange of its own. */
export function serveHttp2(serving: Serving, first: Buffer): Served {
  const requests = new Http2Requests(serving);
  requests.downstream.onBytes(first, first.length);
  return requests;
}

class Http2Requests extends Requests implements Http2DownstreamOwner, Served {
  readonly downstream: Http2Downstream;

  constructor(serving: Serving) {
    super(serving);
    this.downstream = new Http2Downstream(serving.connection, this);
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

  destroy(): void {
    this.serving.connection.destroy();
  }
}
