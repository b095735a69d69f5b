import { type Refusal, refusals } from '../message/refusal.ts';

/** What the framing and connection fields of a head said; they are taken out of the forwarded fields. */
export class Framing {
  http11 = true;
  /** -1: no Content-Length. */
  contentLength = -1;
  /** The Transfer-Encoding fields joined with `,`, lower case; empty for none. */
  transferEncoding = '';
  /** The Connection fields joined with `,`, lower case; empty for none. */
  connection = '';
  /** Connection has the option `close`. */
  closes = false;
  /** It has `keep-alive`. */
  keepsAlive = false;
  /** It has `upgrade`. */
  upgrades = false;
  keepAlive = '';
  host = '';
  hosts = 0;
  expect = '';
  /** The Upgrade fields joined with `,`. */
  upgrade = '';
  trailersAccepted = false;
  /** Some field is one of ours (message/ownFields.ts). */
  ours = false;
  /** There is a traceparent, which stays among the fields. */
  traced = false;

  reset(): void {
    this.http11 = true;
    this.contentLength = -1;
    this.transferEncoding = '';
    this.connection = '';
    this.closes = false;
    this.keepsAlive = false;
    this.upgrades = false;
    this.keepAlive = '';
    this.host = '';
    this.hosts = 0;
    this.expect = '';
    this.upgrade = '';
    this.trailersAccepted = false;
    this.ours = false;
    this.traced = false;
  }

  /** Whether the connection can carry another message after this one (RFC 9112 section 9.3). */
  get persistent(): boolean {
    return !this.closes && (this.http11 || this.keepsAlive);
  }
}

/** The body that Transfer-Encoding and Content-Length announce, or what is wrong with them (http-safety rules 1, 2). */
export function readCoding(framing: Framing): { readonly chunked: boolean } | Refusal {
  const { transferEncoding } = framing;
  if (transferEncoding === '') return plain;
  if (framing.contentLength >= 0) return refusals.lengthAndCoding;
  if (!framing.http11) return refusals.codingInHttp10;
  if (transferEncoding === 'chunked') return chunked;
  return chunkedNotLast.test(transferEncoding) ? refusals.codingOrder : refusals.coding;
}

const plain = { chunked: false } as const;
const chunked = { chunked: true } as const;
const chunkedNotLast = /(?:^|,)[ \t]*chunked[ \t]*,/;
