import { httpDate } from '../message/date.ts';
import type { RequestHead, ResponseHead } from '../message/head.ts';
import { reasonPhrase } from '../message/reasonPhrases.ts';
import type { Refusal } from '../message/refusal.ts';

/** A request head as HTTP/1.1 text: request line, Host, the fields, and framing written anew from the model. */
export function composeRequest(head: RequestHead): string {
  const query = head.hasQuery ? `?${head.query}` : '';
  const target = head.target === '' ? `${head.path}${query}` : head.target;
  let text = `${head.method} ${target} HTTP/1.1\r\nHost: ${head.authority}\r\n${head.headers.toLines()}`;
  if (head.bodyLength < 0) text += 'Transfer-Encoding: chunked\r\n';
  else if (head.bodyLength > 0 || head.explicitLength || lacksLength(head))
    text += `Content-Length: ${head.bodyLength}\r\n`;
  if (head.upgrade !== '') text += 'Connection: Upgrade\r\n';
  return `${text}\r\n`;
}

/** HTTP/2 needs no length to say that there is no body, but a server of HTTP/1.1 may want one where a method is about a body. */
function lacksLength({ version, method }: RequestHead): boolean {
  return version === '2.0' && (method === 'POST' || method === 'PUT' || method === 'PATCH');
}

/** How a response is framed towards one client. */
export type ResponseFraming = {
  /** `Connection: close`, `Connection: keep-alive` for HTTP/1.0, `Connection: Upgrade` for 101, or nothing. */
  readonly connection: 'close' | 'keep-alive' | 'Upgrade' | undefined;
  readonly body: 'none' | 'length' | 'chunked' | 'close';
};

/** How the body of a response is framed, if it may have one. */
export function bodyFraming(head: ResponseHead, method: string, version: '1.0' | '1.1'): ResponseFraming['body'] {
  if (method === 'HEAD' || head.status === 204 || head.status === 304) return 'none';
  if (head.bodyLength >= 0) return 'length';
  return version === '1.1' ? 'chunked' : 'close';
}

/** A response head as HTTP/1.1 text. */
export function composeResponse(head: ResponseHead, framing: ResponseFraming): string {
  // HTTP/2 has no phrases.
  const reason = head.version === '2.0' ? reasonPhrase(head.status) : head.reason;
  let text = `HTTP/1.1 ${head.status} ${reason}\r\n${head.headers.toLines()}`;
  if (framing.body === 'chunked') text += 'Transfer-Encoding: chunked\r\n';
  // HEAD and 304 tell the length of what they leave out; 1xx and 204 must not (RFC 9110 section 8.6).
  else if (head.bodyLength >= 0 && head.status >= 200 && head.status !== 204)
    text += `Content-Length: ${head.bodyLength}\r\n`;
  if (framing.connection !== undefined) text += `Connection: ${framing.connection}\r\n`;
  return `${text}\r\n`;
}

// What a request may ask for here; CONNECT it may not (RFC 9110 section 15.5.6).
const allow = 'Allow: GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS, TRACE\r\n';

/** The response to a refused request, to HEAD its head alone; the connection closes behind it. */
export function composeRefusal({ status, message }: Refusal, part: 'whole' | 'head'): string {
  const body = `heddle: ${status} ${message}\n`;
  const fields = `Date: ${httpDate()}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n`;
  const line = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`;
  return `${line}${status === 405 ? allow : ''}${fields}\r\n${part === 'head' ? '' : body}`;
}
