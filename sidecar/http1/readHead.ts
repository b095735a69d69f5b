import type { RequestHead, ResponseHead } from '../exchange/head.ts';
import { isHost, isTarget, isToken } from './characters.ts';
import { dropConnectionOptions, type Framing, readCoding, readFields } from './readFields.ts';
import { type Refusal, refusals } from './refusal.ts';

export const maxTargetBytes = 8192;
export const maxHeadBytes = 65_536;

/**
 * Reads a request head that stands in `text` from 0 to `end` (the index of its CRLFCRLF) into `head` and `framing`.
 * Strict: what RFC 9112 forbids is refused, never repaired.
 */
export function readRequestHead(text: string, end: number, head: RequestHead, framing: Framing): Refusal | undefined {
  framing.reset();
  const lineEnd = text.indexOf('\r\n');
  const wrongLine = readRequestLine(text, lineEnd, head, framing);
  if (wrongLine !== undefined) return wrongLine;
  const absoluteAuthority = head.authority;
  head.headers.reset(text);
  const wrongField = readFields(text, lineEnd + 2, end + 2, { fields: head.headers, framing });
  if (wrongField !== undefined) return wrongField;

  if (framing.hosts !== 1 ? framing.hosts > 1 || framing.http11 : !isValidHost(framing.host)) return refusals.host;
  head.authority = absoluteAuthority === '' ? framing.host : absoluteAuthority;
  const coding = readCoding(framing);
  if ('status' in coding) return coding;
  head.bodyLength = coding.chunked ? -1 : Math.max(0, framing.contentLength);
  head.explicitLength = framing.contentLength >= 0;
  head.expectContinue = framing.expect === '100-continue' && framing.http11;
  if (framing.expect !== '' && framing.expect !== '100-continue') return refusals.expect;
  dropConnectionOptions(head.headers, framing);
  if (framing.trailersAccepted) head.headers.append('TE', 'trailers');
  return undefined;
}

/** What is wrong already with a head whose end has not come yet, so that its sender need not wait for a timeout. */
export function refuseUnfinishedHead(text: string): Refusal | undefined {
  if (text.length > maxHeadBytes) return refusals.headTooLarge;
  if (text.length > maxTargetBytes + 64 && !text.includes('\r\n')) return refusals.targetTooLong;
  return /(?:^|[^\r])\n/.test(text) ? refusals.lineEnd : undefined;
}

/** The same for a response head: an endpoint that speaks something else is found out at its first bytes. */
export function refuseUnfinishedResponse(text: string): Refusal | undefined {
  if (!'HTTP/1.'.startsWith(text.slice(0, 7))) return refusals.statusLine;
  if (text.length > maxHeadBytes) return refusals.headTooLarge;
  return /(?:^|[^\r])\n/.test(text) ? refusals.lineEnd : undefined;
}

function readRequestLine(text: string, lineEnd: number, head: RequestHead, framing: Framing): Refusal | undefined {
  let at = 0;
  while (isToken[text.charCodeAt(at)] === 1) at++;
  if (at === 0 || text.charCodeAt(at) !== 32) return refusals.requestLine;
  const method = text.slice(0, at);
  const targetStart = ++at;
  let query = -1;
  let code = text.charCodeAt(at);
  while (isTarget[code] === 1) {
    if (code === 63 && query < 0) query = at;
    code = text.charCodeAt(++at);
  }
  if (at === targetStart || code !== 32)
    return lineEnd - at > 9 || at === targetStart ? refusals.target : refusals.requestLine;
  if (at - targetStart > maxTargetBytes) return refusals.targetTooLong;
  if (lineEnd - at !== 9 || !text.startsWith('HTTP/', at + 1)) return refusals.requestLine;
  if (!text.startsWith('1.1', at + 6)) {
    if (!text.startsWith('1.0', at + 6)) return refusals.version;
    framing.http11 = false;
  }
  if (method === 'CONNECT') return refusals.connect;
  head.method = method;
  head.hasQuery = query >= 0;
  head.query = query >= 0 ? text.slice(query + 1, at) : '';
  head.path = text.slice(targetStart, query >= 0 ? query : at);
  head.authority = '';
  if (head.path.charCodeAt(0) === 47) return undefined;
  return readOtherTarget(head);
}

/** `*` for OPTIONS, or absolute-form, whose authority replaces Host (RFC 9112 section 3.2). */
function readOtherTarget(head: RequestHead): Refusal | undefined {
  if (head.path === '*') return head.method === 'OPTIONS' && !head.hasQuery ? undefined : refusals.target;
  const absolute = /^https?:\/\/([^/]+)(.*)$/i.exec(head.path);
  const authority = absolute?.[1];
  if (authority === undefined || !isValidHost(authority)) return refusals.target;
  head.authority = authority;
  head.path = absolute?.[2] === undefined || absolute[2] === '' ? '/' : absolute[2];
  return undefined;
}

// RFC 3986 section 3.2.2; which characters may stand in a name is told by isHost.
const hostAndPort = /^(?:\[[\dA-Fa-f:.]+\]|[^:[\]]+)(?::\d{0,5})?$/;

function isValidHost(host: string): boolean {
  let plain = true;
  for (let at = 0; at < host.length; at++) {
    const code = host.charCodeAt(at);
    if (isHost[code] !== 1) return false;
    if (code === 58 || code === 91 || code === 93) plain = false;
  }
  return host.length > 0 && (plain || hostAndPort.test(host));
}

/** Reads a response head as readRequestHead reads a request's; every refusal means 502 for the client. */
export function readResponseHead(text: string, end: number, head: ResponseHead, framing: Framing): Refusal | undefined {
  framing.reset();
  if (!text.startsWith('HTTP/1.')) return refusals.statusLine;
  const minor = text.charCodeAt(7);
  if ((minor !== 48 && minor !== 49) || text.charCodeAt(8) !== 32) return refusals.statusLine;
  framing.http11 = minor === 49;
  const lineEnd = text.indexOf('\r\n');
  const hundreds = text.charCodeAt(9) - 48;
  const tens = text.charCodeAt(10) - 48;
  const ones = text.charCodeAt(11) - 48;
  if (!(hundreds >= 1 && hundreds <= 9 && tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9)) return refusals.statusLine;
  // `HTTP/1.1 200` without the space that an empty reason phrase needs is sent by real servers: accepted.
  if (lineEnd < 12 || (lineEnd > 12 && text.charCodeAt(12) !== 32)) return refusals.statusLine;
  head.status = hundreds * 100 + tens * 10 + ones;
  head.reason = lineEnd > 13 ? text.slice(13, lineEnd) : '';
  if (!isReason(head.reason)) return refusals.statusLine;

  head.headers.reset(text);
  const wrong = readFields(text, lineEnd + 2, end + 2, { fields: head.headers, framing });
  if (wrong !== undefined) return wrong;
  const coding = readCoding(framing);
  if ('status' in coding) return coding;
  head.bodyLength = coding.chunked ? -1 : framing.contentLength;
  dropConnectionOptions(head.headers, framing);
  return undefined;
}

function isReason(reason: string): boolean {
  for (let at = 0; at < reason.length; at++) {
    const code = reason.charCodeAt(at);
    if (code < 32 ? code !== 9 : code === 127) return false;
  }
  return true;
}
