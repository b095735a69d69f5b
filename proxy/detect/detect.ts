import type { Protocol } from '../../routing/model.ts';
import { isToken } from '../message/characters.ts';
import { maxMethodBytes } from '../message/limits.ts';

/** What is spoken on a connection; `opaque`: something that is passed on as it is. */
export type Spoken = Exclude<Protocol, 'detect'>;

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
// A handshake record of some version 3.x and some length, whose first message is a ClientHello (RFC 8446 sections 4 and 5.1):
// by its first two bytes alone, anything could pass for TLS, and so pass routes by.
const helloRecord = [0x16, 3, undefined, undefined, undefined, 1] as const;
const maxRecordBytes = 16_384;
// RFC 9110 section 9.3, and RFC 5789.
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];
const longestMethod = Math.max(...methods.map(({ length }) => length));
const maxRequestLine = 8300;
const maxEmptyLines = 16_384;
const anyRequest = /^[!#$%&'*+.^_`|~\w-]+ +(?:[/*]|https?:)/;
const [lf, cr, space] = [10, 13, 32];

/**
 * Tells protocols apart by their first bytes: TLS and HTTP/2, and HTTP/1 by a whole plausible request line, since other
 * text protocols begin with a word and a space too. `undefined` while too few bytes have come to say.
 */
export function detect(bytes: Buffer): Spoken | undefined {
  const found = detectTlsOrHttp2(bytes);
  return found === 'neither' ? detectRequestLine(bytes) : found;
}

/** TLS by its first record, HTTP/2 by its preface (RFC 9113 section 3.4); `undefined` while it may become one of them. */
export function detectTlsOrHttp2(bytes: Buffer): 'tls' | 'http2' | 'neither' | undefined {
  if (bytes.length === 0) return undefined;
  if (bytes[0] === helloRecord[0]) {
    for (const [at, byte] of helloRecord.entries())
      if (at < bytes.length && byte !== undefined && bytes[at] !== byte) return 'neither';
    if ((bytes[2] ?? 0) > 4) return 'neither';
    if (bytes.length < helloRecord.length) return undefined;
    const length = bytes.readUInt16BE(3);
    return length >= 1 && length <= maxRecordBytes ? 'tls' : 'neither';
  }
  const start = bytes.toString('latin1', 0, preface.length);
  if (!preface.startsWith(start)) return 'neither';
  return start.length === preface.length ? 'http2' : undefined;
}

/** Whether a server begins with the SETTINGS of HTTP/2 (RFC 9113 section 3.4), which no greeting looks like. */
export function beginsLikeSettings(bytes: Buffer): boolean {
  if (bytes.length < 9 || bytes[0] !== 0 || bytes[1] !== 0 || (bytes[2] ?? 1) % 6 !== 0) return false;
  return bytes[3] === 4 && bytes[4] === 0 && bytes.readUInt32BE(5) === 0;
}

/**
 * Whether bytes without a line end will be a request line rather than anything else: a registered method and a space, or
 * any method before a path. Many protocols begin with letters, few go on so and then wait.
 */
export function beginsLikeRequest(bytes: Buffer): boolean {
  const start = skipEmptyLines(bytes);
  const text = bytes.toString('latin1', start, start + maxMethodBytes + 10);
  return methods.some((method) => text.startsWith(`${method} `)) || anyRequest.test(text);
}

/** Whether these bytes are a registered method, or the beginning of one, and nothing behind it. */
export function beginsLikeMethod(bytes: Buffer): boolean {
  const start = skipEmptyLines(bytes);
  const text = bytes.toString('latin1', start, start + longestMethod + 1);
  return text !== '' && methods.some((method) => method.startsWith(text));
}

/** Line ends before a request line are passed over, however odd: its codec skips or refuses them. */
function skipEmptyLines(bytes: Buffer): number {
  let at = 0;
  while (bytes[at] === lf || bytes[at] === cr) at++;
  return at;
}

function detectRequestLine(bytes: Buffer): Spoken | undefined {
  const start = skipEmptyLines(bytes);
  // So many of them have no other meaning than to wear out who looks.
  if (start === bytes.length) return start > maxEmptyLines ? 'http1' : undefined;
  let at = start;
  while (at < bytes.length && at - start <= maxMethodBytes && isToken[bytes[at] ?? 0] === 1) at++;
  if (at - start > maxMethodBytes) return 'opaque';
  if (at === bytes.length) return undefined;
  if (at === start || bytes[at] !== space) return 'opaque';
  const end = bytes.indexOf(lf, at);
  // Too long a line is for the HTTP codec to refuse.
  if (end < 0) return bytes.length - start >= maxRequestLine ? 'http1' : undefined;
  return / HTTP\/\d\.\d\r?$/.test(bytes.toString('latin1', Math.max(at, end - 12), end)) ? 'http1' : 'opaque';
}
