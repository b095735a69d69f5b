import type { Fields } from '../message/fields.ts';
import type { RequestHead, ResponseHead } from '../message/head.ts';
import { becomeTrailersOnly, expectsGRPC, grpcStatusFor, trailersOf } from '../message/grpcAnswer.ts';
import { dropOwnFields } from '../message/ownFields.ts';
import type { Downstream, Failure, RequestReceiver, Upgraded, UpgradeEnd } from '../message/interfaces.ts';
import type { UpstreamFailure } from '../message/interfaces.ts';
import type { Flag } from '../observe/flags.ts';
import type { GRPCStatus } from '../observe/grpcStatus.ts';
import type { Answer, Forward, Preflight } from '../route/decision.ts';
import { applyHeaderChanges } from '../route/headerModifier.ts';
import { clock } from '../socket/clock.ts';
import { unwatchDeadline } from '../socket/deadlines.ts';
import type { UpstreamEndpoint } from '../upstream/endpoint.ts';
import type { OwnAnswer } from './answer.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import { attemptHead } from './attemptHead.ts';
import type { ExchangeContext, Report } from './context.ts';
import { shareResponse } from './cors.ts';
import { answerDecided } from './decided.ts';
import { type AnsweredFailure, composeFailure } from './failure.ts';
import { takeFlagMark } from './flagMark.ts';
import { drawMirrors, type Mirrors } from './mirror.ts';
import { answerLast, countForward } from './maxForwards.ts';
import { protocolFor } from './protocol.ts';
import { takeRetryMark } from './retryMark.ts';
import { findSlowSide } from './slowSide.ts';
import { traceIdOf } from './traceId.ts';
import { notAgain, Trying } from './trying.ts';
import { underWay } from './underWay.ts';
import { explainNotOffered, explainUpgrade, isAnsweredUnswitched, unswitched } from './upgrade.ts';

/**
 * One request and its response, between a downstream and an upstream codec of any protocol: routes it, has it tried, passes
 * heads, bodies and trailers on with back-pressure, watches who is slow, and reports once how it ended.
 */
export class Exchange extends Trying implements RequestReceiver, AttemptOwner {
  /** What is to be told of the answer: what the sidecar of the endpoint says of it, why it was not sent again. */
  private told: { readonly flag: Flag | undefined; readonly reason: string } | undefined;
  private mirrors: Mirrors | undefined;
  /** What the rule's filters did, for the line. */
  private filtered: string | undefined;
  private status = 0;
  private bytesOut = 0;
  private readonly startMs = clock.ms;
  private readonly report: Report;

  constructor(downstream: Downstream, head: RequestHead, context: ExchangeContext, report: Report) {
    super(downstream, head, context);
    this.report = report;
  }

  start(): void {
    underWay.requests++;
    if (this.head.hasOwnFields) dropOwnFields(this.head.headers);
    const decision = this.context.decide(this.head);
    this.decision = decision;
    if (decision.type !== 'Forward') return this.answer(decision);
    if (!countForward(this.head)) return this.writeAnswer(answerLast(this.head), undefined, undefined);
    this.forward(decision);
    if (decision.mirrors !== undefined && !this.over) this.mirrors = drawMirrors(decision, this.head, this.context);
  }

  protected attemptAt(endpoint: UpstreamEndpoint, decision: Forward): Attempt {
    const head = attemptHead(decision, this.head, this.context);
    const protocol = this.byHttp1 ? 'http1' : protocolFor(decision.protocol, this.head);
    return new Attempt(this, { endpoint, protocol, head });
  }

  get held(): number {
    return this.body.heldBytes + (this.attempt?.held ?? 0) + (this.mirrors?.held ?? 0);
  }

  onRequestData(buffer: Buffer, start: number, end: number): void {
    if (this.ending === undefined) this.progress();
    this.body.data(this.attempt, buffer, start, end);
    this.mirrors?.data(buffer, start, end);
  }

  onRequestEnd(trailers: Fields | undefined): void {
    this.body.end(this.attempt, trailers);
    this.mirrors?.end(trailers);
  }

  onRequestFlush(): void {
    this.body.flush(this.attempt);
  }

  onUpstreamDrain(): void {
    this.body.resume();
  }

  onDownstreamDrain(): void {
    const { ending } = this;
    this.clientFull = false;
    this.ending = undefined;
    if (ending !== undefined) this.endResponse(ending.flag, ending.reason, ending.trailers);
    else this.attempt?.resumeResponse();
  }

  onInformational(head: ResponseHead): void {
    this.progress();
    this.continued ||= head.status === 100;
    this.downstream.informational(head);
  }

  onResponse(head: ResponseHead, status: number): boolean {
    if (this.head.upgrade !== '' && isAnsweredUnswitched(this.head, status)) {
      this.attempt?.abandon();
      this.fail(unswitched(status));
      return true;
    }
    const { direction, via = '' } = this.context;
    const mark = head.hasOwnFields ? takeRetryMark(head) : undefined;
    const told = head.hasOwnFields ? takeFlagMark(head) : undefined;
    // To the calling sidecar it says that an application is gone; from an application itself it says nothing.
    const gone = mark !== undefined && status === 503 && direction === 'outbound';
    const tried = gone ? ({ type: 'Broken', reached: mark, aged: false } as const) : this.refusal(status);
    this.rpc?.onHead(head);
    if (tried !== undefined) {
      const reason = told?.reason ?? `the endpoint answered ${this.rpc?.status ?? head.status}`;
      const why = this.retry(tried, reason);
      if (why === undefined) return !gone;
      this.told = { flag: undefined, reason: notAgain(reason, why) };
    }
    this.progress();
    this.status = head.status;
    this.body.forget();
    if (told !== undefined && status >= 500 && direction === 'outbound')
      this.told = { flag: told.flag, reason: this.told?.reason ?? told.reason };
    if (this.decision !== undefined) applyHeaderChanges(this.decision.responseHeaders, head.headers);
    this.filtered = shareResponse(this.decision, this.head, head);
    if (via !== '') head.headers.append('Via', `${head.version} ${via}`);
    this.downstream.respond(head);
    return !gone;
  }

  onUpgrade(head: ResponseHead, endpoint: Upgraded): void {
    this.deadline = Infinity;
    this.timers?.stop();
    this.status = head.status;
    if (this.decision !== undefined) applyHeaderChanges(this.decision.responseHeaders, head.headers);
    this.downstream.upgrade(head, endpoint, ({ bytesIn, bytesOut, flag, reason }: UpgradeEnd) => {
      this.body.bytes += bytesIn;
      this.bytesOut = bytesOut;
      this.attempt?.onUpgradeEnd();
      this.finish(flag, reason);
    });
  }

  onResponseData(buffer: Buffer, start: number, end: number): void {
    this.progress();
    this.bytesOut += end - start;
    if (!this.downstream.body(buffer, start, end)) this.pauseResponse();
  }

  onResponseFlush(): void {
    if (!this.downstream.flush()) this.pauseResponse();
  }

  onResponseEnd(trailers: Fields | undefined): void {
    this.rpc?.onEnd(trailers);
    this.endResponse(this.told?.flag, this.told?.reason, trailers);
  }

  /** All of it is there. It ends when its client has taken what waits of it: of one that does not the line is to say so. */
  private endResponse(flag: Flag | undefined, reason: string | undefined, trailers: Fields | undefined): void {
    if (this.clientFull) return this.awaitClient({ flag, reason, trailers: trailers?.copy() });
    this.finish(flag, reason);
    return this.downstream.end(trailers);
  }

  isOutOfTime(failure: UpstreamFailure): boolean {
    return this.rpc?.isOutOfTime(failure) === true;
  }

  onAttemptFailure(failed: UpstreamFailure): void {
    if (failed.notOffered === true && !this.byHttp1) return this.sendByHttp1();
    const failure = this.byHttp1 ? { ...failed, reason: explainNotOffered(failed.reason) } : failed;
    if (this.rpc !== undefined && this.isOutOfTime(failure)) return this.endCancelled(this.rpc);
    const why = this.retry({ type: 'Broken', reached: failure.reached, aged: failure.aged }, failure.reason);
    if (why === undefined) return;
    // The calling sidecar decides for itself.
    const reason = this.context.direction === 'inbound' ? failure.reason : notAgain(failure.reason, why);
    if (this.status !== 0 && this.downstream.takeBack()) {
      this.status = 0;
      this.bytesOut = 0;
    }
    if (this.status === 0) return this.fail({ ...failure, reason });
    return this.cutOff({ ...failure, reason });
  }

  /** Ends a response that has begun: an RPC by trailers that say why, anything else so that the client notices. */
  private cutOff(failure: Failure): void {
    const { flag, status, reason, rpcStatus = grpcStatusFor(status, flag) } = failure;
    const error = { status: rpcStatus, reason };
    if (this.rpc !== undefined) this.rpc.status = error.status;
    this.finish(flag, reason);
    // Behind what a client does not take, nothing reaches it.
    if (this.rpc === undefined || this.clientFull) this.downstream.abort(failure);
    else this.downstream.end(trailersOf(error));
  }

  onDeadline(): void {
    if (this.waiting) return;
    if (this.clientFull && this.takesSome()) return this.progress();
    const failure = findSlowSide(this.clientFull, this.owesBody);
    if (!this.clientFull && this.maySayNothing) return this.progress();
    // One that only had no room for it has done nothing wrong.
    if (failure.flag === 'UT' && this.attempt?.reached !== 'Never') this.attempt?.endpoint.onFault();
    this.downstream.giveUpRequest();
    this.onRequestFailure(failure);
  }

  onRequestFailure(failure: Failure): void {
    if (this.over) return;
    this.attempt?.abandon(failure);
    this.body.forget();
    if (failure.flag !== 'DC') return this.status === 0 ? this.fail(failure) : this.cutOff(failure);
    this.rpc?.onGone();
    if (this.status === 0) this.status = failure.status;
    return this.finish(failure.flag, failure.reason);
  }

  /** Answers instead of an endpoint. */
  protected fail(failure: AnsweredFailure): void {
    const answer = composeFailure(failure, this.context.direction, this.tries?.repeated === true);
    this.writeAnswer(answer, failure.flag, failure.reason, failure.rpcStatus);
  }

  private answer(decision: Answer | Preflight): void {
    const answer = answerDecided(decision, this.head, this.context);
    const { flag, reason } = decision.type === 'Answer' ? decision : { flag: undefined, reason: undefined };
    this.writeAnswer(answer, flag, reason);
  }

  private writeAnswer(
    answer: OwnAnswer,
    flag: Flag | undefined,
    reason: string | undefined,
    rpcStatus?: GRPCStatus,
  ): void {
    const { head, body } = answer;
    const isForRPC = head.status >= 400 && expectsGRPC(this.head);
    if (isForRPC) {
      const status = rpcStatus ?? grpcStatusFor(head.status, flag);
      becomeTrailersOnly(head, this.head, { status, reason: reason ?? head.reason });
      if (this.rpc !== undefined) this.rpc.status = status;
    }
    this.status = head.status;
    this.filtered = answer.filtered ?? shareResponse(this.decision, this.head, head);
    this.downstream.respond(head);
    if (this.head.method !== 'HEAD' && !isForRPC) {
      this.bytesOut += body.length;
      if (!this.downstream.body(body, 0, body.length)) this.pauseResponse();
    }
    this.endResponse(flag, reason, undefined);
  }

  private finish(flag: Flag | undefined, reason: string | undefined): void {
    if (this.over) return;
    this.over = true;
    underWay.requests--;
    unwatchDeadline(this);
    this.timers?.stop();
    this.tries?.end(flag);
    const { context, head, decision, rpc } = this;
    const why = head.upgradeDropped === '' ? reason : explainUpgrade(head.upgradeDropped, reason);
    const entry = {
      message: 'request' as const,
      direction: context.direction,
      peer: context.peer,
      method: head.method,
      path: head.path,
      status: this.status,
      durationMs: clock.ms - this.startMs,
      bytesIn: this.body.bytes,
      bytesOut: this.bytesOut,
      explanation: decision?.explanation,
      endpoint: this.attempt?.endpoint.logFragment,
      filtered: this.mirrors === undefined ? this.filtered : (this.filtered ?? '') + this.mirrors.close(),
      attempts: this.tries?.count ?? 1,
      retriedAfter: this.tries?.retriedAfter,
      traceId: head.isTraced ? traceIdOf(head) : undefined,
      flag,
      rpc: rpc === undefined ? undefined : { path: head.path, status: rpc.status },
      reason: flag === undefined || why === undefined ? why : context.explain(flag, why),
    };
    this.report(entry, decision?.metrics);
  }
}
