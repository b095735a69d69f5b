import type { Reached } from '../message/interfaces.ts';
import type { Retry } from '../../routing/model.ts';
import type { RetryLimit } from '../observe/retryMetrics.ts';

/** How an attempt ended that may not be the last. */
export type Tried =
  /** It brought no response. `aged`: its connection had served before, and may have been closed for its age alone. */
  | { readonly type: 'Broken'; readonly reached: Reached; readonly aged: boolean }
  /** Its response was not complete within the rule's timeouts.backendRequest. */
  | { readonly type: 'TimedOut'; readonly reached: Reached }
  /** Its response has a status that the rule's retry names, and nothing of it was passed on. */
  | { readonly type: 'Refused' };

/** What of a request and its attempts so far decides whether there may be another. */
export type RetryState = {
  readonly method: string;
  readonly hasBody: boolean;
  /** It can be sent from the start, body included. */
  readonly bodyKept: boolean;
  /** An endpoint may have seen it twice already. */
  readonly repeated: boolean;
  /** How many attempts were made, the one that has ended included. */
  readonly tries: number;
  /** What the rule says of it. */
  readonly retry: Retry | undefined;
  /** The backend's retry budget is not spent. */
  readonly budgetLeft: boolean;
};

/**
 * Try again: on a fresh connection to the same endpoint; at once at another endpoint, if there is one; or, as the rule says,
 * after a while and at the same endpoint if there is no other. Or do not, and why; `spent`: for want of this alone.
 */
export type RetryVerdict =
  | { readonly type: 'FreshConnection' }
  | { readonly type: 'OtherEndpoint' }
  | { readonly type: 'ByRule'; readonly retry: Retry }
  | { readonly type: 'No'; readonly why: string; readonly spent?: RetryLimit };

// RFC 9110 section 9.2.2: repeating one of these does what sending it once does.
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);
const maxEndpoints = 3;

/**
 * The one place that says what may be tried again and why. Where a rule says nothing of it (http-safety rule 14): whatever no
 * application has seen, and what is idempotent, without a body, and of which not a byte of a response came. Where it has a
 * `retry` (https://gateway-api.sigs.k8s.io/geps/gep-1731/), as often as that says: whatever no application has seen or what
 * was refused with one of its codes, and what an application may have seen if it is idempotent.
 */
export function judgeRetry(tried: Tried, state: RetryState): RetryVerdict {
  if (tried.type !== 'Refused' && tried.reached === 'Surely') return no('its response had begun');
  // A connection that was dead already is dialled anew, whatever the rule says and whatever is spent: that is no retry.
  if (tried.type === 'Broken' && tried.reached === 'Perhaps' && tried.aged && isRepeatable(state))
    return { type: 'FreshConnection' };
  const { retry } = state;
  const verdict = retry === undefined ? judgeUnasked(tried, state) : judgeByRule(tried, state, retry);
  if (verdict.type === 'No') return verdict;
  if (!state.bodyKept) return no('its body is longer than what is kept');
  if (isDeclaredUnseen(tried)) return verdict;
  return state.budgetLeft ? verdict : no('the retry budget of its backend is spent', 'budget');
}

function judgeUnasked(tried: Tried, state: RetryState): RetryVerdict {
  if (tried.type !== 'Broken') return no('its rule has no retry');
  if (tried.reached === 'Perhaps' && !isRepeatable(state))
    return state.repeated ? no('it was sent twice') : acted(state);
  return state.tries < maxEndpoints
    ? { type: 'OtherEndpoint' }
    : no(`${maxEndpoints} endpoints were tried`, 'attempts');
}

function judgeByRule(tried: Tried, state: RetryState, retry: Retry): RetryVerdict {
  if (tried.type !== 'Refused' && tried.reached === 'Perhaps' && !idempotent.has(state.method)) {
    // Who names 504 wants even that sent again of which nobody knows what came of it.
    if (tried.type === 'Broken' || !retry.codes.includes(504)) return acted(state);
  }
  if (state.tries <= retry.attempts) return { type: 'ByRule', retry };
  // Where there are to be none, none are spent.
  return no(`its route says attempts: ${retry.attempts}`, retry.attempts > 0 ? 'attempts' : undefined);
}

/**
 * Whether its endpoint has declared that it has not looked at it (GOAWAY, REFUSED_STREAM): sending it again is no retry, and
 * many at a time have to be when a connection ends.
 */
export function isDeclaredUnseen(tried: Tried): boolean {
  return tried.type === 'Broken' && tried.reached === 'Never' && tried.aged;
}

/** Whether sending a request a second time without being asked to is harmless. */
function isRepeatable({ method, hasBody, repeated }: RetryState): boolean {
  return !repeated && !hasBody && idempotent.has(method);
}

function acted({ method }: RetryState): RetryVerdict {
  return no(`the endpoint may have acted on this ${method}`);
}

function no(why: string, spent?: RetryLimit): RetryVerdict {
  return spent === undefined ? { type: 'No', why } : { type: 'No', why, spent };
}
