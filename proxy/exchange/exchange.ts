import { pick } from '../balance/pick.ts';
import type { Flag } from '../observe/flags.ts';
import type { Answer } from '../route/decision.ts';
import { applyHeaderModifier } from '../route/headerModifier.ts';
import { clock } from '../socket/clock.ts';
import type { PoolWaiter } from '../http1/pool.ts';
import type { UpstreamEndpoint } from '../upstream/endpoint.ts';
import { composeAnswer, noEndpoint } from './answer.ts';
import type { Forward } from './candidates.ts';
import type {
  Downstream,
  Failure,
  RequestReceiver,
  ResponseReceiver,
  Upstream,
  UpstreamFailure,
} from '../message/interfaces.ts';
import type { Fields } from '../message/fields.ts';
import type { RequestHead, ResponseHead } from '../message/head.ts';
import { HeldBody } from './heldBody.ts';
import { modifyRequest } from './attemptHead.ts';
import { markResend, type Resend, takeResend } from './retryMark.ts';
import type { ExchangeContext, Report } from './context.ts';

// RFC 9110 section 9.2.2: repeating one of these does what sending it once does.
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);
// How many other endpoints are tried when one cannot be reached.
const maxOthers = 2;
const none: readonly UpstreamEndpoint[] = [];
// A longer body is not kept for another endpoint once it has left.
const maxKeptBytes = 16_384;

/**
 * One request and its response, between a downstream and an upstream codec of any protocol: routes it, picks an endpoint,
 * passes heads, bodies and trailers on with back-pressure, and reports once how it ended.
 */
export class Exchange implements RequestReceiver, ResponseReceiver, PoolWaiter {
  private upstream: Upstream | undefined;
  private endpoint: UpstreamEndpoint | undefined;
  private decision: Forward | Answer | undefined;
  /** All that has come of the body, as long as it could be sent from the start. */
  private held: HeldBody | undefined;
  /** Nothing of the body was passed on yet. */
  private holding = false;
  /** Endpoints that could not be reached. */
  private failed: readonly UpstreamEndpoint[] = none;
  private status = 0;
  private bytesIn = 0;
  private bytesOut = 0;
  private requestDone = false;
  private repeated = false;
  private over = false;
  private readonly startMs = clock.ms;
  /** As the client sent it; a filter may rewrite that of the head. */
  private readonly path: string;
  private sentMs = 0;
  private readonly downstream: Downstream;
  private readonly head: RequestHead;
  private readonly context: ExchangeContext;
  private readonly report: Report;

  constructor(downstream: Downstream, head: RequestHead, context: ExchangeContext, report: Report) {
    this.downstream = downstream;
    this.head = head;
    this.path = head.path;
    this.context = context;
    this.report = report;
  }

  start(): void {
    const decision = this.context.decide(this.head);
    this.decision = decision;
    if (decision.type === 'Answer') return this.answer(decision);
    const candidates = decision.group.candidates(this.context.family);
    const endpoint = pick(candidates, clock.ms, this.context.random);
    if (endpoint === undefined) return this.respond({ flag: 'UH', status: 503, reason: noEndpoint(decision) });
    modifyRequest(decision, this.head, this.context.destinationName);
    if (candidates.length > 1 && this.head.bodyLength !== 0 && this.head.bodyLength <= maxKeptBytes)
      this.held = new HeldBody();
    this.send(endpoint);
  }

  private send(endpoint: UpstreamEndpoint): void {
    this.endpoint = endpoint;
    endpoint.begin();
    const upstream = endpoint.pool.take(!this.repeatable);
    if (upstream !== undefined) return this.onUpstream(upstream);
    if (endpoint.pool.wait(this)) this.hold();
    else
      this.respond({ flag: 'UO', status: 503, reason: 'the endpoint has too many connections and waiting requests' });
  }

  /** Whether sending the request a second time is harmless and possible (http-safety rule 14). */
  private get repeatable(): boolean {
    return !this.repeated && this.head.bodyLength === 0 && idempotent.has(this.head.method);
  }

  /** No connection yet: the client waits with the rest of its body. */
  private hold(): void {
    this.held ??= new HeldBody();
    this.holding = true;
    // Without a body it is read on, so that a client that goes is noticed.
    if (this.head.bodyLength !== 0) this.downstream.pauseRequest();
  }

  onUpstream(upstream: Upstream): void {
    this.upstream = upstream;
    this.sentMs = clock.ms;
    upstream.bind(this);
    upstream.request(this.head);
    if (!upstream.connected && this.head.bodyLength !== 0) this.hold();
    else if (this.holding) this.release();
  }

  onUpstreamConnect(): void {
    if (this.holding) this.release();
  }

  private release(): void {
    const { held } = this;
    this.holding = false;
    if (held !== undefined && held.bytes > maxKeptBytes) this.held = undefined;
    held?.release(this);
    this.downstream.resumeRequest();
    this.upstream?.flush();
  }

  onRequestData(buffer: Buffer, start: number, end: number): void {
    this.bytesIn += end - start;
    if (this.held !== undefined) this.keep(this.held, buffer.subarray(start, end));
    if (!this.holding && this.upstream?.body(buffer, start, end) === false) this.downstream.pauseRequest();
  }

  private keep(held: HeldBody, piece: Buffer): void {
    if (this.holding || held.bytes + piece.length <= maxKeptBytes) held.keep(piece);
    else this.held = undefined;
  }

  /** A piece of the body that was held, and counted then. */
  resend(piece: Buffer): void {
    this.upstream?.body(piece, 0, piece.length);
  }

  onRequestEnd(trailers: Fields | undefined): void {
    this.requestDone = true;
    this.held?.end(trailers);
    if (!this.holding) this.upstream?.end(trailers);
  }

  onRequestFlush(): void {
    if (this.upstream?.flush() === false && !this.requestDone) this.downstream.pauseRequest();
  }

  onUpstreamDrain(): void {
    this.downstream.resumeRequest();
  }

  onDownstreamDrain(): void {
    this.upstream?.resumeResponse();
  }

  onInformational(head: ResponseHead): void {
    this.downstream.informational(head);
  }

  onResponse(head: ResponseHead): void {
    if (head.status === 503 && this.onUnavailable(takeResend(head))) return;
    this.status = head.status;
    this.endpoint?.latency.observe(clock.ms - this.sentMs, clock.ms);
    for (const modifier of this.decision?.responseHeaders ?? []) applyHeaderModifier(modifier, head.headers);
    this.downstream.respond(head);
  }

  onResponseData(buffer: Buffer, start: number, end: number): void {
    this.bytesOut += end - start;
    if (!this.downstream.body(buffer, start, end)) this.upstream?.pauseResponse();
  }

  onResponseFlush(): void {
    if (!this.downstream.flush()) this.upstream?.pauseResponse();
  }

  onResponseEnd(trailers: Fields | undefined): void {
    this.upstream = undefined;
    this.finish(undefined, undefined);
    this.downstream.end(trailers);
  }

  onUpstreamFailure(failure: UpstreamFailure): void {
    this.upstream = undefined;
    const { endpoint } = this;
    if (failure.unsent && this.sendElsewhere('any')) return;
    if (failure.untouched && failure.aged && this.repeatable && endpoint !== undefined) {
      this.repeated = true;
      this.onUpstream(endpoint.pool.connect());
      if (this.requestDone) this.onRequestEnd(undefined);
      this.onRequestFlush();
      return;
    }
    if (failure.untouched && this.sendElsewhere('idempotent')) return;
    if (this.status === 0) return this.respond(failure);
    this.finish(failure.flag, failure.reason);
    this.downstream.abort();
  }

  /** A 503 has come, perhaps from a sidecar whose application is gone. */
  private onUnavailable(what: Resend | undefined): boolean {
    if (what === undefined || this.context.direction === 'inbound') return false;
    this.endpoint?.onFault();
    return this.sendElsewhere(what);
  }

  /** Gives the request to another endpoint. False when none is left, or when it may not or cannot be sent again. */
  private sendElsewhere(what: Resend): boolean {
    const { endpoint, decision, failed, head, context } = this;
    if (what === 'idempotent' && !this.repeatable) return false;
    if (endpoint === undefined || decision?.type !== 'Forward' || failed.length === maxOthers) return false;
    if (this.held === undefined && head.bodyLength !== 0) return false;
    const others = decision.group.candidates(context.family).filter((one) => one !== endpoint && !failed.includes(one));
    const next = pick(others, clock.ms, context.random);
    if (next === undefined) return false;
    this.upstream?.abort();
    this.upstream = undefined;
    this.repeated ||= what === 'idempotent';
    this.failed = [...failed, endpoint];
    endpoint.end();
    this.hold();
    if (this.requestDone && head.bodyLength === 0) this.held?.end(undefined);
    this.send(next);
    return true;
  }

  onRequestFailure(failure: Failure): void {
    if (this.over) return;
    this.upstream?.abort();
    this.upstream = undefined;
    this.held = undefined;
    this.endpoint?.pool.stopWaiting(this);
    if (failure.flag !== 'DC' && this.status === 0) return this.respond(failure);
    if (this.status === 0) this.status = failure.status;
    this.finish(failure.flag, failure.reason);
    if (failure.flag !== 'DC') this.downstream.abort();
  }

  /** Answers instead of an endpoint. */
  private respond(failure: Failure | UpstreamFailure): void {
    const answer = composeAnswer(failure.status, failure.reason);
    if ('unsent' in failure && this.context.direction === 'inbound' && (failure.unsent || failure.untouched))
      markResend(answer.head, failure.unsent && !this.repeated ? 'any' : 'idempotent');
    this.writeAnswer(answer, failure.flag, failure.reason);
  }

  private answer(decision: Answer): void {
    const { head, context } = this;
    const answer = composeAnswer(decision.status, decision.reason, { decision, head, port: context.port });
    for (const modifier of decision.responseHeaders) applyHeaderModifier(modifier, answer.head.headers);
    this.writeAnswer(answer, decision.flag, decision.reason);
  }

  private writeAnswer(
    { head, body }: ReturnType<typeof composeAnswer>,
    flag: Flag | undefined,
    reason: string | undefined,
  ): void {
    this.status = head.status;
    this.downstream.respond(head);
    if (this.head.method !== 'HEAD') {
      this.downstream.body(body, 0, body.length);
      this.bytesOut += body.length;
    }
    this.finish(flag, reason);
    this.downstream.end(undefined);
  }

  private finish(flag: Flag | undefined, reason: string | undefined): void {
    if (this.over) return;
    this.over = true;
    this.endpoint?.end();
    const { context, head, decision } = this;
    const entry = {
      message: 'request' as const,
      direction: context.direction,
      method: head.method,
      path: this.path,
      status: this.status,
      durationMs: clock.ms - this.startMs,
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
      explanation: decision?.explanation,
      endpoint: this.endpoint?.logFragment,
      attempts: this.failed.length + 1,
      flag,
      reason,
    };
    this.report(entry, decision?.metrics);
  }
}
