import { Exchange } from '../exchange/exchange.ts';
import type { RefusedLine } from '../http1/refusedLine.ts';
import type { RequestHead } from '../message/head.ts';
import type { Downstream, RequestReceiver } from '../message/interfaces.ts';
import type { Refusal } from '../message/refusal.ts';
import type { Serving } from './serving.ts';

/** Has a request of a connection served, whatever the protocol in which it came. */
export function startExchange({ context }: Serving, downstream: Downstream, head: RequestHead): RequestReceiver {
  const exchange = new Exchange(downstream, head, context, context.reportOf(head));
  exchange.start();
  return exchange;
}

/** Logs and counts a request that never became an exchange. */
export function reportRefused({ context, engine }: Serving, refusal: Refusal, { method, path }: RefusedLine): void {
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
