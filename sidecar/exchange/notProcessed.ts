import type { ResponseHead } from './head.ts';

/**
 * Marks a 503 by which a sidecar says that its application was never reached, so that the calling sidecar may send the
 * request to another endpoint, whatever its method. Between sidecars only: a sidecar takes it out of what its application
 * answers, and out of what it gives to its client. A server without a sidecar may set it; what it gains is that its request
 * goes to another endpoint of its own Service, twice at most.
 */
const name = 'heddle-not-processed';

/** Marks an answer of ours. */
export function markNotProcessed(head: ResponseHead): void {
  head.headers.append(name, '1');
}

/** Takes the mark out; true when it was there. */
export function takeNotProcessed(head: ResponseHead): boolean {
  const found = head.headers.get(name) !== undefined;
  if (found) head.headers.remove(name);
  return found;
}
