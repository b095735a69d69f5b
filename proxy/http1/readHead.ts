import type { RequestHead, ResponseHead } from '../message/head.ts';
import { isValidHost } from '../message/authority.ts';
import { isTarget, isToken, isValue } from '../message/characters.ts';
import { takeConnectionOptions } from './connectionOptions.ts';
import { type Framing, readCoding } from './framing.ts';
import type { HeadBytes } from './headBytes.ts';
import { headSection } from './headReader.ts';
import { maxMethodBytes, maxTargetBytes } from '../message/limits.ts';
import { readFields } from './readFields.ts';
import { type Refusal, refusals } from '../message/refusal.ts';
import { takeRequestedUpgrade } from './upgrade.ts';

/** For a HeadReader of requests, and of responses. */
export const requestSection = headSection(refuseRequestStart);
export const responseSection = headSection(refuseResponseStart);

/** Reads a request head into `head` and `framing`. Strict: what RFC 9112 forbids is refused, never repaired. */
export function readRequestHead(from: HeadBytes, head: RequestHead, framing: Framing): Refusal | undefined {
  framing.reset();
  head.method = '';
  const lineEnd = endOfLine(from);
  const wrongLine = readRequestLine(from, lineEnd, head, framing);
  if (wrongLine !== undefined) return wrongLine;
  const absoluteAuthority = head.authority;
  head.headers.reset(from.text);
  const wrongField = readFields(from, lineEnd + 2, { fields: head.headers, framing });
  if (wrongField !== undefined) return wrongField;

  if (framing.hosts !== 1 ? framing.hosts > 1 || framing.http11 : !isValidHost(framing.host)) return refusals.host;
  head.authority = absoluteAuthority === '' ? framing.host : absoluteAuthority;
  const coding = readCoding(framing);
  if ('status' in coding) return coding;
  head.bodyLength = coding.chunked ? -1 : Math.max(0, framing.contentLength);
  head.explicitLength = framing.contentLength >= 0;
  head.expectContinue = framing.expect === '100-continue' && framing.http11;
  if (framing.expect !== '' && !framing.http11) head.headers.remove('expect');
  else if (framing.expect !== '' && framing.expect !== '100-continue') return refusals.expect;
  head.hasOwnFields = framing.ours;
  head.isTraced = framing.traced;
  const wrongOptions = takeConnectionOptions(head.headers, framing);
  if (framing.trailersAccepted) head.headers.append('TE', 'trailers', 'te');
  takeRequestedUpgrade(head, framing);
  return wrongOptions;
}

/** What is wrong already with the beginning of a request line, so that its sender need not wait for a timeout. */
function refuseRequestStart(bytes: Uint8Array, end: number): Refusal | undefined {
  let at = 0;
  while (at < end && at <= maxMethodBytes && isToken[bytes[at] ?? 0] === 1) at++;
  if (at > maxMethodBytes) return refusals.methodTooLong;
  // A CR first may be half of an empty line, a CR later the end of this one.
  return at === end || bytes[at] === 13 || (bytes[at] === 32 && at > 0) ? undefined : refusals.requestLine;
}

/** The same for a response: an endpoint that speaks something else is found out at its first bytes. */
function refuseResponseStart(bytes: Uint8Array, end: number): Refusal | undefined {
  return startsWith(bytes, 0, 'HTTP/1.'.slice(0, end)) ? undefined : refusals.statusLine;
}

/** Position in `bytes` of the CRLF that ends the first line. */
function endOfLine({ bytes, start }: HeadBytes): number {
  let at = start;
  while (bytes[at] !== 13 || bytes[at + 1] !== 10) at++;
  return at;
}

function readRequestLine(from: HeadBytes, lineEnd: number, head: RequestHead, framing: Framing): Refusal | undefined {
  const { bytes, start, text } = from;
  let at = start;
  while (isToken[bytes[at] ?? 0] === 1) at++;
  if (at - start > maxMethodBytes) return refusals.methodTooLong;
  if (at === start || bytes[at] !== 32) return refusals.requestLine;
  head.method = methodIn(text, at - start);
  const targetStart = ++at;
  let query = -1;
  let code = bytes[at] ?? 0;
  while (isTarget[code] === 1 && at - targetStart <= maxTargetBytes) {
    if (code === 63 && query < 0) query = at;
    code = bytes[++at] ?? 0;
  }
  if (at - targetStart > maxTargetBytes) return refusals.targetTooLong;
  if (at === targetStart || code !== 32)
    return lineEnd - at > 9 || at === targetStart ? refusals.target : refusals.requestLine;
  if (lineEnd - at !== 9 || !startsWith(bytes, at + 1, 'HTTP/')) return refusals.requestLine;
  if (!startsWith(bytes, at + 6, '1.1')) {
    if (!startsWith(bytes, at + 6, '1.0')) return isVersion(bytes, at + 6) ? refusals.version : refusals.requestLine;
    framing.http11 = false;
  }
  if (head.method === 'CONNECT') return refusals.connect;
  head.hasQuery = query >= 0;
  head.query = query >= 0 ? text.slice(query + 1 - start, at - start) : '';
  head.path = text.slice(targetStart - start, (query >= 0 ? query : at) - start);
  head.version = framing.http11 ? '1.1' : '1.0';
  head.scheme = 'http';
  head.target = '';
  head.authority = '';
  if (bytes[targetStart] === 47) return undefined;
  return readOtherTarget(head, text.slice(targetStart - start, at - start));
}

/** `DIGIT.DIGIT` */
function isVersion(bytes: Uint8Array, at: number): boolean {
  const major = digitAt(bytes, at);
  const minor = digitAt(bytes, at + 2);
  return major >= 0 && major <= 9 && bytes[at + 1] === 46 && minor >= 0 && minor <= 9;
}

const commonMethods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'];

/** The method, as the one string that it is everywhere, so that comparing and looking it up costs nothing. */
function methodIn(text: string, length: number): string {
  for (const method of commonMethods) {
    if (method.length === length && text.startsWith(method)) return method;
  }
  return text.slice(0, length);
}

function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) if (bytes[at + index] !== text.charCodeAt(index)) return false;
  return true;
}

/** `*` for OPTIONS, or absolute-form, whose authority replaces Host (RFC 9112 section 3.2). */
function readOtherTarget(head: RequestHead, target: string): Refusal | undefined {
  if (head.path === '*') return head.method === 'OPTIONS' && !head.hasQuery ? undefined : refusals.target;
  const [, scheme, authority, path] = /^(https?):\/\/([^/]+)(.*)$/i.exec(head.path) ?? [];
  if (scheme === undefined || authority === undefined || !isValidHost(authority)) return refusals.target;
  head.scheme = scheme.length === 5 ? 'https' : 'http';
  head.authority = authority;
  head.path = path === undefined || path === '' ? '/' : path;
  if (path === '' && head.method === 'OPTIONS' && !head.hasQuery) {
    // Means `*`, and the last proxy of a chain has to say so (RFC 9112 section 3.2.4).
    head.path = '*';
  } else head.target = target;
  return undefined;
}

/** Reads a response head as readRequestHead reads a request's; every refusal means 502 for the client. */
export function readResponseHead(from: HeadBytes, head: ResponseHead, framing: Framing): Refusal | undefined {
  framing.reset();
  const { bytes, start } = from;
  if (!startsWith(bytes, start, 'HTTP/1.')) return refusals.statusLine;
  const minor = bytes[start + 7];
  if ((minor !== 48 && minor !== 49) || bytes[start + 8] !== 32) return refusals.statusLine;
  framing.http11 = minor === 49;
  head.version = framing.http11 ? '1.1' : '1.0';
  const hundreds = digitAt(bytes, start + 9);
  const tens = digitAt(bytes, start + 10);
  const ones = digitAt(bytes, start + 11);
  if (!(hundreds >= 1 && hundreds <= 9 && tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9)) return refusals.statusLine;
  head.status = hundreds * 100 + tens * 10 + ones;
  const lineEnd = readReason(from, head);
  if (lineEnd < 0) return refusals.statusLine;

  head.headers.reset(from.text);
  const wrong = readFields(from, lineEnd + 2, { fields: head.headers, framing });
  if (wrong !== undefined) return wrong;
  const coding = readCoding(framing);
  if ('status' in coding) return coding;
  head.bodyLength = coding.chunked ? -1 : framing.contentLength;
  head.hasOwnFields = framing.ours;
  const wrongOptions = takeConnectionOptions(head.headers, framing);
  if (head.status === 101 && framing.upgrade !== '') head.headers.append('Upgrade', framing.upgrade, 'upgrade');
  return wrongOptions;
}

function digitAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) - 48;
}

/** Reads the reason phrase and returns where its line ends, or -1 when it is none. */
function readReason({ bytes, start, text }: HeadBytes, head: ResponseHead): number {
  let at = start + 12;
  // `HTTP/1.1 200` without the space that an empty reason phrase needs is sent by real servers: accepted.
  if (bytes[at] !== 32 && bytes[at] !== 13) return -1;
  while (isValue[bytes[at] ?? 0] === 1) at++;
  if (bytes[at] !== 13 || bytes[at + 1] !== 10) return -1;
  head.reason = text.slice(13, Math.max(13, at - start));
  return at;
}
