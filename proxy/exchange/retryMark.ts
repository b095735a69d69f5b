import type { ResponseHead } from '../message/head.ts';
import type { Reached } from '../message/interfaces.ts';

/**
 * By this field in a 503 a sidecar tells the calling one that its application is gone: `any` request may be sent to another
 * endpoint, since the application was never reached, or only what is `idempotent`, since it was reached perhaps. It stays
 * between sidecars: each takes it out of what its application answers, and out of what it gives to its client. A server
 * without a sidecar may set it; what that gains is that a request goes to another endpoint of its own Service, twice at most.
 */
const name = 'heddle-resend';

/** Marks an answer of ours; `Surely` reached may not be tried again and gets no mark. */
export function markRetry(head: ResponseHead, reached: Reached): void {
  if (reached !== 'Surely') head.headers.append(name, reached === 'Never' ? 'any' : 'idempotent');
}

/** Takes the mark out; how far it says that the request came, if it was there. */
export function takeRetryMark(head: ResponseHead): Reached | undefined {
  const found = head.headers.get(name);
  if (found === undefined) return undefined;
  head.headers.remove(name);
  if (found === 'any') return 'Never';
  return found === 'idempotent' ? 'Perhaps' : undefined;
}
