import { Exchange } from '../exchange/exchange.ts';
import type { Downstream, RequestReceiver } from '../message/interfaces.ts';
import { Http1Downstream } from '../http1/downstream.ts';
import type { DownstreamOwner } from '../http1/downstreamOwner.ts';
import type { RefusedLine } from '../http1/refusedLine.ts';
import type { Refusal } from '../http1/refusal.ts';
import type { RequestHead } from '../message/head.ts';
import type { EngineLimits } from './engine.ts';
import type { Served } from './served.ts';
import type { Serving } from './serving.ts';

/** Serves a connection's requests, each by an exchange of its own. */
export function serveHttp1(serving: Serving, first: Buffer): Served {
  const requests = new Requests(serving);
  requests.downstream.onBytes(first, first.length);
  return requests;
}

class Requests implements DownstreamOwner, Served {
  readonly downstream: Http1Downstream;
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
    const { context } = this.serving;
    const exchange = new Exchange(downstream, head, context, context.reportOf(head));
    exchange.start();
    return exchange;
  }

  onRefused({ status, message: reason, flag }: Refusal, { method, path }: RefusedLine): void {
    const { context, engine } = this.serving;
    const { explanation, metrics } = context.unrouted;
    const nothing = { durationMs: 0, bytesIn: 0, bytesOut: 0 };
    const { direction, peer } = context;
    const where = { direction, peer, method, path, explanation, endpoint: undefined, attempts: 1 };
    engine.report({ message: 'request', ...nothing, ...where, status, flag, reason }, metrics);
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
