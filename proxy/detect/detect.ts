import type { Protocol } from '../../routing/model.ts';

/** What is spoken on a connection; `opaque`: something that is passed on as it is. */
export type Spoken = Exclude<Protocol, 'detect'>;

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
// Long enough for any registered method (RFC 9110 section 16.1.1) and for custom ones.
const maxMethod = 32;
const maxRequestLine = 8300;

/**
 * Tells protocols apart by their first bytes: TLS by its record header, HTTP/2 by its preface (RFC 9113 section 3.4),
 * HTTP/1 by a whole plausible request line, since other text protocols begin with a word and a space too. `undefined` while
 * too few bytes have come to say.
 */
export function detect(bytes: Buffer): Spoken | undefined {
  if (bytes.length === 0) return undefined;
  if (bytes[0] === 0x16) return bytes.length < 2 ? undefined : bytes[1] === 3 ? 'tls' : 'opaque';
  const start = bytes.toString('latin1', 0, Math.min(bytes.length, maxRequestLine));
  if (preface.startsWith(start.slice(0, preface.length))) return start.length >= preface.length ? 'http2' : undefined;
  return detectRequestLine(start.replace(/^(?:\r\n)*(?:\r$)?/, ''));
}

/**
 * Whether the bytes begin with a word and a space, as a request line does. Where routes are attached that is enough: a
 * request that is not quite HTTP/1.1 is then refused by its codec rather than passed by the routes.
 */
export function beginsLikeRequest(bytes: Buffer): boolean {
  return /^(?:\r\n)*[!#$%&'*+.^_`|~\w-]{1,32} /.test(bytes.toString('latin1', 0, 64));
}

function detectRequestLine(start: string): Spoken | undefined {
  const method = /^[A-Za-z-]*/.exec(start)?.[0] ?? '';
  if (method.length > maxMethod) return 'opaque';
  if (method.length === start.length) return undefined;
  if (method === '' || start[method.length] !== ' ') return 'opaque';
  const end = start.indexOf('\n');
  // Too long a line is for the HTTP codec to refuse.
  if (end < 0) return start.length >= maxRequestLine ? 'http1' : undefined;
  return / HTTP\/\d\.\d\r?$/.test(start.slice(0, end)) ? 'http1' : 'opaque';
}
