import { choose } from '../balance/choose.ts';
import type { Fields } from '../message/fields.ts';
import type { RequestHead } from '../message/head.ts';
import type { Downstream, Failure } from '../message/interfaces.ts';
import { defaultReasons, type Flag } from '../observe/flags.ts';
import type { Decision, Forward } from '../route/decision.ts';
import { clock } from '../socket/clock.ts';
import { Expiring, watchDeadline } from '../socket/deadlines.ts';
import type { Wanted } from '../upstream/connections.ts';
import type { UpstreamEndpoint } from '../upstream/endpoint.ts';
import { noEndpoint } from './answer.ts';
import type { Attempt } from './attempt.ts';
import type { ExchangeContext } from './context.ts';
import type { AnsweredFailure } from './failure.ts';
import { protocolFor } from './protocol.ts';
import { RequestBody } from './requestBody.ts';
import type { Tried } from './retry.ts';
import { RPC } from './rpc.ts';
import { RuleTimers, type TimedOwner } from './ruleTimers.ts';
import { type Late, timedOut } from './timedOut.ts';
import { Tries } from './tries.ts';

const tooManyWait: Failure = { flag: 'UO', status: 503, reason: defaultReasons.UO };

/** What is still to be said of a response, and in its line. */
type Ending = {
  readonly flag: Flag | undefined;
  readonly reason: string | undefined;
  readonly trailers: Fields | undefined;
};

/**
 * The half of an exchange that has its request tried: at the endpoint that the balancer chooses, then as `Tries` says, all of it
 * within the timeouts of its rule. By its deadline something must have moved on, either way (the coarse sweep is exact enough
 * for that).
 */
export abstract class Trying extends Expiring implements TimedOwner {
  protected decision: Decision | undefined;
  /** The last one. */
  protected attempt: Attempt | undefined;
  /** Once one was in vain. */
  protected tries: Tries | undefined;
  /** Where the rule has some. */
  protected timers: RuleTimers | undefined;
  protected clientFull = false;
  /** As Downstream.untaken, when its client was full or looked at last. */
  private untaken = 0;
  /** An endpoint has asked for the body. */
  protected continued = false;
  /** For the next try: no attempt is under way. */
  protected waiting = false;
  protected over = false;
  /** All of the response has come, and its client has yet to take it. */
  protected ending: Ending | undefined;
  /** Over HTTP/2 an endpoint offers no upgrade (RFC 8441): it is asked for by HTTP/1.1. */
  protected byHttp1 = false;
  protected readonly rpc: RPC | undefined;
  protected readonly body: RequestBody;
  protected readonly downstream: Downstream;
  protected readonly head: RequestHead;
  protected readonly context: ExchangeContext;

  constructor(downstream: Downstream, head: RequestHead, context: ExchangeContext) {
    super();
    this.downstream = downstream;
    this.head = head;
    this.rpc = head.isRPC ? new RPC() : undefined;
    this.body = new RequestBody(downstream, head.bodyLength);
    this.context = context;
  }

  /** Answers instead of an endpoint. */
  protected abstract fail(failure: AnsweredFailure): void;
  /** Ends it early, with an answer if there can still be one. */
  abstract onRequestFailure(failure: Failure): void;
  protected abstract attemptAt(endpoint: UpstreamEndpoint, decision: Forward): Attempt;

  /** The first attempt. */
  protected forward(decision: Forward): void {
    const { group, retry } = decision;
    const { family, random } = this.context;
    const endpoint = choose(group, family, clock.ms, random);
    if (endpoint === undefined) return this.fail({ flag: 'UH', status: 503, reason: noEndpoint(decision) });
    if (retry === undefined ? mayGoElsewhere(decision, this.head, family) : retry.attempts > 0) {
      this.body.keep(retry === undefined ? 'unasked' : 'byRule');
      group.budget?.note(clock.ms);
    }
    this.progress();
    watchDeadline(this);
    const timeouts = this.rpc === undefined ? decision.timeouts : this.rpc.within(decision.timeouts, this.head);
    if (timeouts !== undefined) this.timers = new RuleTimers(this, timeouts);
    this.send(decision, endpoint, 'pooled');
  }

  /** Makes an attempt; true when the body may follow at once. */
  private send(decision: Forward, endpoint: UpstreamEndpoint, wanted: Wanted): boolean {
    const attempt = this.attemptAt(endpoint, decision);
    this.attempt = attempt;
    this.timers?.startTry();
    const started = attempt.start(wanted);
    if (started === 'refused') this.fail(tooManyWait);
    else if (started === 'pending') this.body.hold();
    return started === 'open';
  }

  onOpen(): void {
    if (this.attempt !== undefined) this.body.release(this.attempt);
  }

  /** A status that is none of an answer but of an attempt in vain, as the rule says; of an RPC, UNAVAILABLE is always one. */
  protected refusal(status: number): Tried | undefined {
    if (status < 400 || this.decision?.type !== 'Forward') return undefined;
    const { retry } = this.decision;
    if (retry === undefined) return undefined;
    const isRefusal = retry.codes.includes(status) || (this.rpc !== undefined && status === 503 && retry.attempts > 0);
    return isRefusal ? { type: 'Refused' } : undefined;
  }

  /** Makes another attempt, now or after a while, if there may be one; else says why not. */
  protected retry(tried: Tried, reason: string): string | undefined {
    const { attempt, decision, head, body, context } = this;
    if (attempt === undefined || decision?.type !== 'Forward') return 'it was never sent';
    this.tries ??= new Tries({ decision, head, body, context });
    const next = this.tries.next({ tried, endpoint: attempt.endpoint, reason });
    if (next.type === 'None') return next.why;
    attempt.discard();
    if (next.type === 'Now') this.sendAgain(decision, next.endpoint, next.wanted);
    else {
      this.timers?.stopTry();
      this.waiting = true;
      body.hold();
      this.tries.wait(next.waitMs, () => this.sendAfterWait(decision));
    }
    return undefined;
  }

  protected sendByHttp1(): void {
    const { attempt, decision } = this;
    this.byHttp1 = true;
    if (attempt !== undefined && decision?.type === 'Forward') this.sendAgain(decision, attempt.endpoint, 'pooled');
  }

  private sendAfterWait(decision: Forward): void {
    this.waiting = false;
    const endpoint = this.tries?.begin();
    if (endpoint === undefined) return this.fail({ flag: 'UH', status: 503, reason: noEndpoint(decision) });
    return this.sendAgain(decision, endpoint, 'pooled');
  }

  private sendAgain(decision: Forward, endpoint: UpstreamEndpoint, wanted: Wanted): void {
    this.progress();
    if (this.send(decision, endpoint, wanted)) this.onOpen();
  }

  /**
   * Neither side need send anything: both are asked for a sign of life by the PING of their connections. A stream may be
   * silent for hours where an HTTP/1.1 exchange would be given up.
   */
  protected get maySayNothing(): boolean {
    const { head, attempt } = this;
    return head.version === '2.0' && attempt?.protocol === 'http2' && attempt.reached !== 'Never';
  }

  protected progress(): void {
    this.deadline = clock.ms + this.context.progressTimeoutMs;
  }

  protected awaitClient(ending: Ending): void {
    this.ending = ending;
    this.timers?.stop();
    this.body.forget();
    this.progress();
    watchDeadline(this);
  }

  protected pauseResponse(): void {
    this.clientFull = true;
    this.untaken = this.downstream.untaken;
    this.attempt?.pauseResponse();
  }

  /** Its client has taken something since it was full or looked at last. */
  protected takesSome(): boolean {
    const before = this.untaken;
    this.untaken = this.downstream.untaken;
    return this.untaken !== before;
  }

  onTryTimeout(timeoutMs: number): void {
    const { attempt } = this;
    if (attempt === undefined || this.over) return;
    const { reached } = attempt;
    const failure = timedOut({ timeout: 'backendRequest', timeoutMs, waitsFor: this.waitsFor(attempt) });
    if (failure.flag !== 'UT') return this.giveUp(failure);
    attempt.timeOut();
    const why = this.retry({ type: 'TimedOut', reached }, failure.reason);
    if (why !== undefined) this.giveUp({ ...failure, reason: notAgain(failure.reason, why) });
  }

  onRequestTimeout(timeoutMs: number): void {
    const { attempt } = this;
    if (attempt === undefined || this.over) return;
    const isOfCaller = this.rpc?.deadlineMs !== undefined;
    const timeout = isOfCaller ? 'grpc-timeout' : 'request';
    const failure = timedOut({ timeout, timeoutMs, waitsFor: this.waitsFor(attempt) });
    // Of several tries none had all of the time, and how little a caller gives its RPC says nothing of the endpoint.
    if (failure.flag === 'UT' && this.tries === undefined && !isOfCaller) attempt.timeOut();
    this.giveUp(failure);
  }

  /** The endpoint has cancelled an RPC since the time of its caller is over, before our timer said so. */
  protected endCancelled(rpc: RPC): void {
    this.giveUp(timedOut({ timeout: 'grpc-timeout', timeoutMs: rpc.deadlineMs ?? 0, waitsFor: 'endpoint' }));
  }

  /** The client is to send more of its body: no endpoint keeps it from that, and none has yet to say that it may. */
  protected get owesBody(): boolean {
    const { body, head } = this;
    return !body.done && !body.paused && (body.bytes > 0 || this.continued || !head.expectContinue);
  }

  private waitsFor(attempt: Attempt): Late['waitsFor'] {
    if (this.waiting) return 'nextTry';
    if (this.clientFull) return 'slowReader';
    if (attempt.reached === 'Never') return 'connection';
    return this.owesBody ? 'requestBody' : 'endpoint';
  }

  private giveUp(failure: Failure): void {
    if (!this.body.done) this.downstream.giveUpRequest();
    this.onRequestFailure(failure);
  }
}

/** To another endpoint; in HTTP/2 to the same as well, which may have ended a connection without looking at it. */
function mayGoElsewhere({ group, protocol }: Forward, head: RequestHead, family: 4 | 6): boolean {
  return group.candidates(family).length > 1 || protocolFor(protocol, head) === 'http2';
}

/** For the line of a request that failed. */
export function notAgain(reason: string, why: string): string {
  return `${reason}; not sent again: ${why}`;
}
