import { choose } from '../balance/choose.ts';
import type { Fields } from '../message/fields.ts';
import type { RequestHead, ResponseHead } from '../message/head.ts';
import { dropOwnFields } from '../message/ownFields.ts';
import type { Downstream, Failure, RequestReceiver, Upgraded, UpgradeEnd } from '../message/interfaces.ts';
import type { UpstreamFailure } from '../message/interfaces.ts';
import { defaultReasons, type Flag } from '../observe/flags.ts';
import type { Answer, Decision, Forward, Preflight } from '../route/decision.ts';
import { applyHeaderChange } from '../route/headerModifier.ts';
import { clock } from '../socket/clock.ts';
import { Expiring, unwatchDeadline, watchDeadline } from '../socket/deadlines.ts';
import type { Wanted } from '../upstream/connections.ts';
import type { UpstreamEndpoint } from '../upstream/endpoint.ts';
import { noEndpoint, type OwnAnswer } from './answer.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import { attemptHead } from './attemptHead.ts';
import type { ExchangeContext, Report } from './context.ts';
import { shareResponse } from './cors.ts';
import { answerDecided } from './decided.ts';
import { type AnsweredFailure, composeFailure } from './failure.ts';
import { takeFlagMark, type Told } from './flagMark.ts';
import { answerLast, countForward } from './maxForwards.ts';
import { RequestBody } from './requestBody.ts';
import type { Tried } from './retry.ts';
import { takeRetryMark } from './retryMark.ts';
import { findSlowSide } from './slowSide.ts';
import { Tries } from './tries.ts';
import { explainUpgrade } from './upgrade.ts';

const tooManyWait: Failure = {
  flag: 'UO',
  status: 503,
  reason: defaultReasons.UO,
};

/**
 * One request and its response, between a downstream and an upstream codec of any protocol: routes it, makes an attempt (and
 * those that `Tries` says), passes heads, bodies and trailers on with back-pressure, watches who is slow, and reports once how it ended. By its
 * deadline something must have moved on, either way (the coarse sweep is exact enough for that).
 */
export class Exchange extends Expiring implements RequestReceiver, AttemptOwner {
  private decision: Decision | undefined;
  /** The last one. */
  private attempt: Attempt | undefined;
  /** Once one was in vain. */
  private tries: Tries | undefined;
  /** What the sidecar of the endpoint says of its answer. */
  private told: Told | undefined;
  /** What the rule's filters did, for the line. */
  private filtered: string | undefined;
  private status = 0;
  private bytesOut = 0;
  private clientFull = false;
  private over = false;
  private readonly startMs = clock.ms;
  private readonly body: RequestBody;
  private readonly downstream: Downstream;
  private readonly head: RequestHead;
  private readonly context: ExchangeContext;
  private readonly report: Report;

  constructor(downstream: Downstream, head: RequestHead, context: ExchangeContext, report: Report) {
    super();
    this.downstream = downstream;
    this.head = head;
    this.body = new RequestBody(downstream, head.bodyLength);
    this.context = context;
    this.report = report;
  }

  start(): void {
    if (this.head.hasOwnFields) dropOwnFields(this.head.headers);
    const decision = this.context.decide(this.head);
    this.decision = decision;
    if (decision.type !== 'Forward') return this.answer(decision);
    if (!countForward(this.head)) return this.writeAnswer(answerLast(this.head), undefined, undefined);
    const { family, random } = this.context;
    const candidates = decision.group.candidates(family);
    const endpoint = choose(decision.group, family, clock.ms, random);
    if (endpoint === undefined) return this.fail({ flag: 'UH', status: 503, reason: noEndpoint(decision) });
    if (candidates.length > 1) this.body.keep();
    this.progress();
    watchDeadline(this);
    this.send(decision, endpoint, 'pooled');
  }

  /** Makes an attempt; true when the body may follow at once. */
  private send(decision: Forward, endpoint: UpstreamEndpoint, wanted: Wanted): boolean {
    const head = attemptHead(decision, this.head, this.context);
    const attempt = new Attempt(this, { endpoint, protocol: decision.protocol, head });
    this.attempt = attempt;
    const started = attempt.start(wanted);
    if (started === 'refused') this.fail(tooManyWait);
    else if (started === 'pending') this.body.hold();
    return started === 'open';
  }

  get held(): number {
    return this.body.heldBytes + (this.attempt?.held ?? 0);
  }

  onOpen(): void {
    if (this.attempt !== undefined) this.body.release(this.attempt);
  }

  onRequestData(buffer: Buffer, start: number, end: number): void {
    this.progress();
    this.body.data(this.attempt, buffer, start, end);
  }

  onRequestEnd(trailers: Fields | undefined): void {
    this.body.end(this.attempt, trailers);
  }

  onRequestFlush(): void {
    this.body.flush(this.attempt);
  }

  onUpstreamDrain(): void {
    this.body.resume();
  }

  onDownstreamDrain(): void {
    this.clientFull = false;
    this.attempt?.resumeResponse();
  }

  private pauseResponse(): void {
    this.clientFull = true;
    this.attempt?.pauseResponse();
  }

  onInformational(head: ResponseHead): void {
    this.progress();
    this.downstream.informational(head);
  }

  onResponse(head: ResponseHead): boolean {
    const { direction, via = '' } = this.context;
    const mark = head.hasOwnFields ? takeRetryMark(head) : undefined;
    const told = head.hasOwnFields ? takeFlagMark(head) : undefined;
    // To the calling sidecar it says that an application is gone; from an application itself it says nothing.
    const gone = mark !== undefined && head.status === 503 && direction === 'outbound';
    const why = gone ? this.retry({ reached: mark, aged: false }) : 'it was answered';
    if (why === undefined) return false;
    this.progress();
    this.status = head.status;
    if (told !== undefined && head.status >= 500 && direction === 'outbound')
      this.told = gone ? { ...told, reason: `${told.reason}; not sent again: ${why}` } : told;
    for (const change of this.decision?.responseHeaders ?? []) applyHeaderChange(change, head.headers);
    this.filtered = shareResponse(this.decision, this.head, head);
    if (via !== '') head.headers.append('Via', `${head.version} ${via}`);
    this.downstream.respond(head);
    return !gone;
  }

  onUpgrade(head: ResponseHead, endpoint: Upgraded): void {
    this.deadline = Infinity;
    this.status = head.status;
    for (const change of this.decision?.responseHeaders ?? []) applyHeaderChange(change, head.headers);
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
    this.finish(this.told?.flag, this.told?.reason);
    this.downstream.end(trailers);
  }

  onAttemptFailure(failure: UpstreamFailure): void {
    const why = this.retry(failure);
    if (why === undefined) return;
    // The calling sidecar decides for itself.
    const reason = this.context.direction === 'inbound' ? failure.reason : `${failure.reason}; not sent again: ${why}`;
    if (this.status !== 0 && this.downstream.takeBack()) {
      this.status = 0;
      this.bytesOut = 0;
    }
    if (this.status === 0) return this.fail({ ...failure, reason });
    this.finish(failure.flag, reason);
    this.downstream.abort();
  }

  /** Makes another attempt if there may be one; else says why not. */
  private retry(tried: Tried): string | undefined {
    const { attempt, decision, head, body, context } = this;
    if (attempt === undefined || decision?.type !== 'Forward') return 'it was never sent';
    this.tries ??= new Tries({ decision, head, body, context });
    const next = this.tries.next(tried, attempt.endpoint);
    if (next.type === 'None') return next.why;
    attempt.abandon();
    if (this.send(decision, next.endpoint, next.wanted)) this.onOpen();
    return undefined;
  }

  private progress(): void {
    this.deadline = clock.ms + this.context.progressTimeoutMs;
  }

  onDeadline(): void {
    const { clientFull, body } = this;
    const failure = findSlowSide({ clientFull, requestDone: body.done, requestPaused: body.paused });
    if (failure.flag === 'UT') this.attempt?.endpoint.onFault();
    this.downstream.giveUpRequest();
    this.onRequestFailure(failure);
  }

  onRequestFailure(failure: Failure): void {
    if (this.over) return;
    this.attempt?.abandon();
    this.body.forget();
    if (failure.flag !== 'DC' && this.status === 0) return this.fail(failure);
    if (this.status === 0) this.status = failure.status;
    this.finish(failure.flag, failure.reason);
    if (failure.flag !== 'DC') this.downstream.abort();
  }

  /** Answers instead of an endpoint. */
  private fail(failure: AnsweredFailure): void {
    const answer = composeFailure(failure, this.context.direction, this.tries?.repeated === true);
    this.writeAnswer(answer, failure.flag, failure.reason);
  }

  private answer(decision: Answer | Preflight): void {
    const answer = answerDecided(decision, this.head, this.context);
    const { flag, reason } = decision.type === 'Answer' ? decision : { flag: undefined, reason: undefined };
    this.writeAnswer(answer, flag, reason);
  }

  private writeAnswer(answer: OwnAnswer, flag: Flag | undefined, reason: string | undefined): void {
    const { head, body } = answer;
    this.status = head.status;
    this.filtered = answer.filtered ?? shareResponse(this.decision, this.head, head);
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
    unwatchDeadline(this);
    const { context, head, decision } = this;
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
      filtered: this.filtered,
      attempts: this.tries?.count ?? 1,
      flag,
      reason: flag === undefined || why === undefined ? why : context.explain(flag, why),
    };
    this.report(entry, decision?.metrics);
  }
}
