import { Http2Downstream, type Http2DownstreamOwner } from '../http2/downstream.ts';
import type { RequestReceiver, Downstream } from '../message/interfaces.ts';
import type { RequestHead } from '../message/head.ts';
import type { Refusal } from '../message/refusal.ts';
import type { RefusedLine } from '../http1/refusedLine.ts';
import type { EngineLimits } from './engine.ts';
import { reportRefused, startExchange } from './requests.ts';
import type { Served } from './served.ts';
import type { Serving } from './serving.ts';

/** Serves the requests of an HTTP/2 connection, each of its streams by an exchange of its own. */
export function serveHttp2(serving: Serving, first: Buffer): Served {
  const streams = new Streams(serving);
  streams.downstream.onBytes(first, first.length);
  return streams;
}

class Streams implements Http2DownstreamOwner, Served {
  readonly downstream: Http2Downstream;
  private readonly serving: Serving;

  constructor(serving: Serving) {
    this.serving = serving;
    this.downstream = new Http2Downstream(serving.connection, this);
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

  onClosed(): void {
    this.serving.over();
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
