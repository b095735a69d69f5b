import type { RequestHead } from '../message/head.ts';

/**
 * The trace that a request belongs to, by its traceparent (https://www.w3.org/TR/trace-context/#traceparent-header):
 * undefined for one that is not valid, which means nothing. To be asked only of heads that are `isTraced`.
 */
export function traceIdOf({ headers }: RequestHead): string | undefined {
  // Two of them are joined by a comma, and neither counts.
  const { version, trace, more } = form.exec(headers.get('traceparent') ?? '')?.groups ?? {};
  // Later versions may go on; ff is none.
  return version === 'ff' || (version === '00' && more !== undefined) ? undefined : trace;
}

const form = /^(?<version>[\da-f]{2})-(?<trace>(?!0{32})[\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?<more>-.*)?$/;
