import type { ResponseHead } from '../message/head.ts';

/**
 * What of a request that failed may be sent to another endpoint: `any`, for the application was never reached; or only what
 * is `idempotent`, for it was reached perhaps, but not a byte of an answer came.
 */
export type Resend = 'any' | 'idempotent';

/**
 * By this field in a 503 a sidecar tells the calling one that its application is gone. It stays between sidecars: each takes
 * it out of what its application answers, and out of what it gives to its client. A server without a sidecar may set it;
 * what that gains is that a request goes to another endpoint of its own Service, twice at most.
 */
const name = 'heddle-resend';

/** Marks an answer of ours. */
export function markResend(head: ResponseHead, what: Resend): void {
  head.headers.append(name, what);
}

/** Takes the mark out; what it said, if it was there. */
export function takeResend(head: ResponseHead): Resend | undefined {
  const found = head.headers.get(name);
  if (found === undefined) return undefined;
  head.headers.remove(name);
  return found === 'any' || found === 'idempotent' ? found : undefined;
}
