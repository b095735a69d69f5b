import { pick } from '../balance/pick.ts';
import type { RequestHead } from '../message/head.ts';
import type { Forward } from '../route/decision.ts';
import { clock } from '../socket/clock.ts';
import type { Wanted } from '../upstream/connections.ts';
import type { UpstreamEndpoint } from '../upstream/endpoint.ts';
import type { ExchangeContext } from './context.ts';
import type { RequestBody } from './requestBody.ts';
import { judgeRetry, type RetryState, type Tried } from './retry.ts';

/** The request that is tried, and the way it takes. */
export type Tryable = {
  readonly decision: Forward;
  readonly head: RequestHead;
  readonly body: RequestBody;
  readonly context: Pick<ExchangeContext, 'family' | 'random'>;
};

/** What follows an attempt that was in vain: another one, or none, and why. */
export type NextTry =
  | { readonly type: 'Another'; readonly endpoint: UpstreamEndpoint; readonly wanted: Wanted }
  | { readonly type: 'None'; readonly why: string };

/**
 * The attempts of one request, from the first on that was in vain: most requests never have one of these. Chooses the
 * endpoint for each further one.
 */
export class Tries {
  /** An endpoint may have seen the request, and it was sent again. */
  repeated = false;
  /** Endpoints that were tried in vain. */
  private readonly failed: UpstreamEndpoint[] = [];
  private readonly request: Tryable;

  constructor(request: Tryable) {
    this.request = request;
  }

  /** How many endpoints were tried, the present one included. */
  get count(): number {
    return this.failed.length + 1;
  }

  /** What follows the attempt at `endpoint`, which was in vain. */
  next(tried: Tried, endpoint: UpstreamEndpoint): NextTry {
    const verdict = judgeRetry(tried, this.state());
    if (verdict.type === 'No') return { type: 'None', why: verdict.why };
    const fresh = verdict.type === 'FreshConnection';
    const chosen = fresh ? endpoint : this.chooseOther(endpoint);
    if (chosen === undefined) return { type: 'None', why: 'there is no other endpoint' };
    this.repeated ||= tried.reached === 'Perhaps';
    if (!fresh) this.failed.push(endpoint);
    return { type: 'Another', endpoint: chosen, wanted: fresh ? 'fresh' : 'pooled' };
  }

  private chooseOther(last: UpstreamEndpoint): UpstreamEndpoint | undefined {
    const { decision, context } = this.request;
    const isOther = (one: UpstreamEndpoint): boolean => one !== last && !this.failed.includes(one);
    return pick(decision.group.candidates(context.family).filter(isOther), clock.ms, context.random);
  }

  private state(): RetryState {
    const { repeated, failed, request } = this;
    const { decision, head, body } = request;
    const hasBody = head.bodyLength !== 0;
    const isOff = decision.retry?.attempts === 0;
    return { method: head.method, hasBody, bodyKept: body.isKept, repeated, triedBefore: failed.length, isOff };
  }
}
