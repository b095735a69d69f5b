import { httpDate } from '../message/date.ts';
import { type RequestHead, ResponseHead } from '../message/head.ts';

// Longer numbers mean as much.
const mostForwards = 999_999_999;
const allowed = 'GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS, TRACE';

/**
 * Counts a forwarding of OPTIONS or TRACE off its Max-Forwards (RFC 9110 section 7.6.2). False: it must go no further, and
 * is answered here. What is no number counts nothing.
 */
export function countForward(head: RequestHead): boolean {
  if (head.method !== 'OPTIONS' && head.method !== 'TRACE') return true;
  const value = head.headers.get('max-forwards');
  if (value === undefined || !/^\d+$/.test(value)) return true;
  const left = Math.min(Number(value), mostForwards);
  if (left === 0) return false;
  head.headers.remove('max-forwards');
  head.headers.append('Max-Forwards', String(left - 1));
  return true;
}

/** What the last recipient of such a request answers: TRACE gets the request back, without what proves who asks. */
export function answerLast(request: RequestHead): { head: ResponseHead; body: Buffer } {
  const head = new ResponseHead();
  head.status = 200;
  head.reason = 'OK';
  head.headers.append('Date', httpDate());
  if (request.method === 'OPTIONS') head.headers.append('Allow', allowed);
  else head.headers.append('Content-Type', 'message/http');
  const body = Buffer.from(request.method === 'OPTIONS' ? '' : asReceived(request), 'latin1');
  head.bodyLength = body.length;
  return { head, body };
}

function asReceived(request: RequestHead): string {
  const { method, path, query, hasQuery, authority, version, headers } = request.copy();
  for (const name of ['authorization', 'proxy-authorization', 'cookie']) headers.remove(name);
  const target = request.target === '' ? `${path}${hasQuery ? `?${query}` : ''}` : request.target;
  return `${method} ${target} HTTP/${version}\r\nHost: ${authority}\r\n${headers.toLines()}\r\n`;
}
