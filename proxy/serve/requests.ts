import { Exchange } from '../exchange/exchange.ts';
import type { RefusedLine } from '../http1/refusedLine.ts';
import type { RequestHead } from '../message/head.ts';
import type { Downstream, RequestReceiver, Upgraded, UpgradeEnd } from '../message/interfaces.ts';
import type { Refusal } from '../message/refusal.ts';
import { Tunnel } from '../tcp/tunnel.ts';
import type { EngineLimits } from './engine.ts';
import type { Serving } from './serving.ts';

/** What a codec of either protocol needs from the proxy around it: serves the requests of one connection. */
export abstract class Requests {
  protected readonly serving: Serving;

  constructor(serving: Serving) {
    this.serving = serving;
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

  /** Passes on byte for byte what a request has upgraded to. */
  protected join(client: Upgraded, endpoint: Upgraded, onEnd: (end: UpgradeEnd) => void): Tunnel {
    return new Tunnel(client.connection, () => endpoint.connection, {
      first: client.first,
      firstBack: endpoint.first,
      connected: true,
      ...this.limits,
      onConnected: () => undefined,
      onEnd,
    });
  }

  onRefused(refusal: Refusal, line: RefusedLine): void {
    reportRefused(this.serving, refusal, line);
  }

  onClosed(): void {
    this.serving.over();
  }
}

/** Logs and counts a request that never became an exchange. */
function reportRefused({ context, engine }: Serving, refusal: Refusal, { method, path }: RefusedLine): void {
  const { status, message: reason, flag } = refusal;
  const { explanation, metrics } = context.unrouted;
  const nothing = { durationMs: 0, bytesIn: 0, bytesOut: 0 };
  const { direction, peer } = context;
  const where = {
    direction,
    peer,
    method,
    path,
    explanation,
    endpoint: undefined,
    filtered: undefined,
    attempts: 1,
    retriedAfter: undefined,
    traceId: undefined,
  };
  engine.report({ message: 'request', ...nothing, ...where, status, flag, reason }, metrics);
}
