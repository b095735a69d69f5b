import { destinationName } from '../../routing/model.ts';
import { pick } from '../balance/pick.ts';
import type { Flag } from '../observe/flags.ts';
import type { RetryOutcome, RetryReason } from '../observe/retryMetrics.ts';
import type { RequestHead } from '../message/head.ts';
import type { Forward } from '../route/decision.ts';
import { clock } from '../socket/clock.ts';
import type { Wanted } from '../upstream/connections.ts';
import type { UpstreamEndpoint } from '../upstream/endpoint.ts';
import { backoffMs } from './backoff.ts';
import type { ExchangeContext } from './context.ts';
import type { RequestBody } from './requestBody.ts';
import { isDeclaredUnseen, judgeRetry, type RetryState, type Tried } from './retry.ts';

/** The request that is tried, and the way it takes. */
export type Tryable = {
  readonly decision: Forward;
  readonly head: RequestHead;
  readonly body: RequestBody;
  readonly context: Pick<ExchangeContext, 'family' | 'random'>;
};

/** An attempt that was in vain: how it ended, where, and why in words. */
export type InVain = { readonly tried: Tried; readonly endpoint: UpstreamEndpoint; readonly reason: string };

/** What follows it: another attempt now, or one after a while (`wait`, then `begin`), or none, and why. */
export type NextTry =
  | { readonly type: 'Now'; readonly endpoint: UpstreamEndpoint; readonly wanted: Wanted }
  | { readonly type: 'Later'; readonly waitMs: number }
  | { readonly type: 'None'; readonly why: string };

/**
 * The attempts of one request, from the first on that was in vain: most requests never have one of these. Chooses the
 * endpoint for each further one, and waits before it.
 */
export class Tries {
  /** How many attempts were made, the present one included. */
  count = 1;
  /** An endpoint may have seen the request, and it was sent again. */
  repeated = false;
  /** Why the present attempt was made: which endpoint failed before, and how. */
  retriedAfter: string | undefined;
  /** Endpoints that were tried in vain. */
  private readonly failed = new Set<UpstreamEndpoint>();
  private last: InVain | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** Why the present attempt was made, until it is counted; the first of a request is not. */
  private uncounted: RetryReason | undefined;
  private readonly request: Tryable;

  constructor(request: Tryable) {
    this.request = request;
  }

  /** What follows this attempt. */
  next(last: InVain): NextTry {
    const { tried, endpoint } = last;
    const verdict = judgeRetry(tried, this.state());
    if (verdict.type !== 'FreshConnection') this.tally('failed');
    if (verdict.type === 'No') {
      if (verdict.spent !== undefined) this.request.decision.retries?.limited(verdict.spent);
      return { type: 'None', why: verdict.why };
    }
    const isUnseen = tried.type !== 'Refused' && tried.reached === 'Never';
    if (verdict.type === 'FreshConnection') {
      this.repeated = true;
      return { type: 'Now', endpoint, wanted: 'fresh' };
    }
    this.failed.add(endpoint);
    const hasOther = this.others().length > 0;
    if (verdict.type === 'OtherEndpoint' && !hasOther) {
      // All that was wrong was the connection, which its endpoint was about to end.
      if (!isDeclaredUnseen(tried)) return { type: 'None', why: 'there is no other endpoint' };
      this.count++;
      this.retriedAfter = nameOf(last);
      this.uncounted = reasonOf(tried);
      return { type: 'Now', endpoint, wanted: 'pooled' };
    }
    this.last = last;
    this.repeated ||= !isUnseen;
    if (!isDeclaredUnseen(tried)) this.request.decision.group.budget?.spend();
    if (verdict.type === 'ByRule') {
      const { retry } = verdict;
      // What was never seen is no reason to wait where another endpoint is there, unless the rule says how long.
      const atOnce = isUnseen && hasOther && retry.backoffMs === undefined;
      const waitMs = atOnce ? 0 : backoffMs(retry, this.count, this.request.context.random);
      if (waitMs > 0) return { type: 'Later', waitMs };
    }
    const next = this.begin();
    if (next === undefined) return { type: 'None', why: 'there is no endpoint any more' };
    return { type: 'Now', endpoint: next, wanted: 'pooled' };
  }

  /** Calls back after so long, unless `stop` comes first. */
  wait(waitMs: number, then: () => void): void {
    this.timer = setTimeout(() => {
      clock.ms = performance.now();
      then();
    }, waitMs);
  }

  /** The request is over: nothing is waited for any more. */
  end(flag: Flag | undefined): void {
    clearTimeout(this.timer);
    if (flag === undefined) this.tally('answered');
    else this.tally(flag === 'DC' ? 'abandoned' : 'failed');
  }

  /** The endpoint of the attempt that is made now: of those that were not tried, else not the one that was tried last. */
  begin(): UpstreamEndpoint | undefined {
    const { last, request } = this;
    const { context } = request;
    const all = this.all();
    const others = this.others();
    const notLast = others.length > 0 ? others : all.filter((one) => one !== last?.endpoint);
    const endpoint = pick(notLast.length > 0 ? notLast : all, clock.ms, context.random);
    if (endpoint === undefined || last === undefined) return undefined;
    this.retriedAfter = nameOf(last);
    this.count++;
    this.uncounted = reasonOf(last.tried);
    return endpoint;
  }

  private tally(outcome: RetryOutcome): void {
    if (this.uncounted !== undefined) this.request.decision.retries?.tried(this.uncounted, outcome);
    this.uncounted = undefined;
  }

  private all(): readonly UpstreamEndpoint[] {
    const { decision, context } = this.request;
    return decision.group.candidates(context.family);
  }

  /** Those that were not tried. */
  private others(): readonly UpstreamEndpoint[] {
    return this.all().filter((one) => !this.failed.has(one));
  }

  private state(): RetryState {
    const { repeated, count: tries, request } = this;
    const { decision, head, body } = request;
    const { retry, group } = decision;
    const { method, bodyLength } = head;
    const budgetLeft = group.budget?.hasLeft(clock.ms) ?? true;
    return { method, hasBody: bodyLength !== 0, bodyKept: body.isKept, repeated, tries, retry, budgetLeft };
  }
}

function reasonOf(tried: Tried): RetryReason {
  if (tried.type === 'Refused') return 'status';
  if (tried.type === 'TimedOut') return 'timeout';
  return tried.reached === 'Never' ? 'connect_failure' : 'reset';
}

function nameOf({ endpoint, reason }: InVain): string {
  const { address, port } = endpoint.endpoint;
  return `${destinationName(address, port)}: ${reason}`;
}
