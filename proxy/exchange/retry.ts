import type { Reached } from '../message/interfaces.ts';

/** How an attempt ended that brought no response to pass on. */
export type Tried = {
  readonly reached: Reached;
  /** Its connection had served before: it may have been closed for its age alone. */
  readonly aged: boolean;
};

/** What of a request and its attempts so far decides whether there may be another. */
export type RetryState = {
  readonly method: string;
  readonly hasBody: boolean;
  /** It can be sent from the start, body included. */
  readonly bodyKept: boolean;
  /** An endpoint may have seen it twice already. */
  readonly repeated: boolean;
  /** Endpoints that were tried before the last one. */
  readonly triedBefore: number;
  /** The route switches retries off. */
  readonly isOff: boolean;
};

/** Try again, on a fresh connection to the same endpoint or on another endpoint; or do not, and why. */
export type RetryVerdict =
  | { readonly type: 'FreshConnection' }
  | { readonly type: 'OtherEndpoint' }
  | { readonly type: 'No'; readonly why: string };

// RFC 9110 section 9.2.2: repeating one of these does what sending it once does.
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);
const maxEndpoints = 3;

/**
 * The one place that says what may be tried again and why, where a route says nothing of it (http-safety rule 14):
 * whatever no application has seen, and what is idempotent, without a body, and of which not a byte of a response came.
 */
export function judgeRetry(tried: Tried, state: RetryState): RetryVerdict {
  if (tried.reached === 'Surely') return no('its response had begun');
  if (tried.reached === 'Perhaps') {
    if (!isRepeatable(state))
      return no(state.repeated ? 'it was sent twice' : `the endpoint may have acted on this ${state.method}`);
    if (tried.aged) return { type: 'FreshConnection' };
  }
  // A connection that was dead already is dialled anew all the same: that is no retry.
  if (state.isOff) return no('its route says attempts: 0');
  if (!state.bodyKept) return no('its body is longer than what is kept');
  if (state.triedBefore + 1 >= maxEndpoints) return no(`${maxEndpoints} endpoints were tried`);
  return { type: 'OtherEndpoint' };
}

/** Whether sending a request a second time is harmless. */
function isRepeatable({ method, hasBody, repeated }: RetryState): boolean {
  return !repeated && !hasBody && idempotent.has(method);
}

function no(why: string): RetryVerdict {
  return { type: 'No', why };
}
