import { isValidHost } from '../message/authority.ts';
import { isTarget, isToken } from '../message/characters.ts';
import { readContentLength } from '../message/contentLength.ts';
import { isRPC } from '../message/grpc.ts';
import { RequestHead } from '../message/head.ts';
import { maxFields, maxHeaderListBytes, maxMethodBytes, maxTargetBytes } from '../message/limits.ts';
import { ownPrefix } from '../message/ownFields.ts';
import { type Refusal, refusals } from '../message/refusal.ts';
import { becomeUpgrade } from './extendedConnect.ts';
import { refuseField } from './fieldRules.ts';
import type { HeaderSink, Indexing } from './hpack/decoder.ts';
import { entrySize, type HeaderEntry } from './hpack/entry.ts';
import { http2Refusals } from './refusals.ts';

/** The pseudo-header fields of a request (RFC 9113 section 8.3.1, RFC 8441), a bit for each. */
const pseudo = { method: 1, scheme: 2, path: 4, authority: 8, protocol: 16 } as const;
const needed = pseudo.method | pseudo.scheme | pseudo.path;
const ofConnect = pseudo.method | pseudo.authority;

/**
 * Reads request heads out of decoded header blocks, one after another. As strict as the reader of HTTP/1.1: what RFC 9113
 * section 8 calls malformed is refused, never repaired. A refusal of 400 is a stream error PROTOCOL_ERROR, others can be
 * answered.
 */
export class RequestHeadReader implements HeaderSink {
  private head = new RequestHead();
  private refusal: Refusal | undefined;
  /** Bits of `pseudo`. */
  private seen = 0;
  private fields = 0;
  private bytes = 0;
  private host: string | undefined;
  private expect = '';
  private cookie = '';
  private contentLength = -1;
  private protocol = '';

  /** Starts on a block, which fills `head`: a new one. */
  begin(head: RequestHead): void {
    this.head = head;
    head.version = '2.0';
    this.refusal = undefined;
    this.seen = 0;
    this.fields = 0;
    this.bytes = 0;
    this.host = undefined;
    this.expect = '';
    this.cookie = '';
    this.contentLength = -1;
  }

  /** What the head that was read last counts, as RFC 9113 section 6.5.2 counts it. */
  get listBytes(): number {
    return this.bytes;
  }

  /** What can be said of a request that is refused. */
  get refusedLine(): { readonly method: string | undefined; readonly path: string | undefined } {
    const { method, path } = this.head;
    return { method: method === '' ? undefined : method, path: path === '' ? undefined : path };
  }

  onField(name: string, value: string, indexing: Indexing, entry?: HeaderEntry): void {
    if (this.refusal !== undefined) return;
    this.bytes += entrySize(name, value);
    if (this.bytes > maxHeaderListBytes) this.refusal = refusals.headTooLarge;
    else
      this.refusal =
        name.charCodeAt(0) === 58 ? this.takePseudo(name, value, entry) : this.takeField(name, value, entry);
    if (indexing === 'never') this.head.headers.keepSecret(name);
  }

  /** The block is complete. `body`: whether its frame ends the stream. */
  finish(body: 'follows' | 'none'): Refusal | undefined {
    const { head } = this;
    const wrong = this.refusal ?? this.refuseTarget();
    if (wrong !== undefined) return wrong;
    if (this.expect !== '' && (this.expect !== '100-continue' || head.upgrade !== '')) return refusals.expect;
    if (body === 'none' && this.contentLength > 0) return http2Refusals.bodyMissing;
    head.bodyLength = body === 'none' || head.upgrade !== '' ? 0 : this.contentLength;
    head.explicitLength = this.contentLength >= 0;
    head.expectContinue = this.expect !== '';
    if (this.cookie !== '') head.headers.append('cookie', this.cookie, 'cookie');
    return undefined;
  }

  private takePseudo(name: string, value: string, entry: HeaderEntry | undefined): Refusal | undefined {
    const { head } = this;
    switch (name) {
      case ':method':
        return this.isSecond(pseudo.method) ? http2Refusals.pseudo : takeMethod(head, value);
      case ':path':
        return this.isSecond(pseudo.path) ? http2Refusals.pseudo : takePath(head, value, entry);
      case ':authority':
        if (this.isSecond(pseudo.authority)) return http2Refusals.pseudo;
        head.authority = value;
        return takeAuthority(value, entry);
      case ':scheme':
        if (this.isSecond(pseudo.scheme)) return http2Refusals.pseudo;
        head.scheme = value === 'https' ? 'https' : 'http';
        return value === head.scheme ? undefined : http2Refusals.scheme;
      case ':protocol':
        this.protocol = value;
        return this.isSecond(pseudo.protocol) || !isValidToken(value) ? http2Refusals.pseudo : undefined;
      default:
        return http2Refusals.pseudo;
    }
  }

  /** Whether a pseudo-header field may not stand here: it was there before, or another field was. */
  private isSecond(bit: number): boolean {
    if ((this.seen & bit) !== 0 || this.fields > 0) return true;
    this.seen |= bit;
    return false;
  }

  private takeField(name: string, value: string, entry: HeaderEntry | undefined): Refusal | undefined {
    const wrong = refuseField(name, value, entry);
    if (wrong !== undefined) return wrong;
    const { headers } = this.head;
    // Cookies come in as many pieces as a client likes, and are one field (RFC 9113 section 8.2.3).
    if (name === 'cookie' && this.cookie !== '') {
      if (value !== '') this.cookie += `; ${value}`;
      return undefined;
    }
    if (++this.fields > maxFields) return refusals.tooManyFields;
    switch (name.length) {
      case 2:
        if (name !== 'te') break;
        if (value.toLowerCase() !== 'trailers') return http2Refusals.connectionField;
        if (headers.get('te') === undefined) headers.append('te', 'trailers', 'te');
        return undefined;
      case 4:
        if (name !== 'host') break;
        if (this.host !== undefined || !isValidHost(value)) return refusals.host;
        this.host = value;
        return undefined;
      case 6:
        if (name === 'expect') this.expect = this.expect === '' ? value.toLowerCase() : `${this.expect},${value}`;
        else if (name === 'cookie') {
          this.cookie = value;
          return undefined;
        }
        break;
      case 11:
        if (name === 'traceparent') this.head.isTraced = true;
        break;
      case 12:
        if (name === 'content-type' && isRPC(value)) this.head.isRPC = true;
        break;
      case 14:
        if (name !== 'content-length') break;
        if (this.contentLength >= 0) return refusals.contentLength;
        this.contentLength = readContentLength(value, 0, value.length);
        return this.contentLength < 0 ? refusals.contentLength : undefined;
      default:
    }
    if (name.charCodeAt(0) === 104 && name.startsWith(ownPrefix)) this.head.hasOwnFields = true;
    headers.append(name, value, name);
    return undefined;
  }

  /** What is wrong with whom and what it asks for, once that is all there. */
  private refuseTarget(): Refusal | undefined {
    const { head, seen } = this;
    const extended = (seen & pseudo.protocol) !== 0;
    if (head.method === 'CONNECT' && !extended) return seen === ofConnect ? refusals.connect : http2Refusals.incomplete;
    if ((seen & needed) !== needed) return http2Refusals.incomplete;
    if (extended && head.method !== 'CONNECT') return http2Refusals.pseudo;
    if (head.path === '*' && (head.method !== 'OPTIONS' || head.hasQuery)) return refusals.target;
    if ((seen & pseudo.authority) === 0) {
      if (this.host === undefined) return refusals.host;
      head.authority = this.host;
    } else if (this.host !== undefined && this.host.toLowerCase() !== head.authority.toLowerCase())
      return http2Refusals.authority;
    if (!extended) return undefined;
    return this.contentLength >= 0 ? http2Refusals.tunnelLength : becomeUpgrade(head, this.protocol);
  }
}

function takeMethod(head: RequestHead, value: string): Refusal | undefined {
  head.method = value;
  if (value.length > maxMethodBytes) return refusals.methodTooLong;
  return isValidToken(value) ? undefined : http2Refusals.method;
}

function takeAuthority(value: string, entry: HeaderEntry | undefined): Refusal | undefined {
  if (entry?.isSound === true) return undefined;
  if (!isValidHost(value)) return refusals.host;
  if (entry !== undefined) entry.isSound = true;
  return undefined;
}

/** Origin-form, or `*` (RFC 9113 section 8.3.1), held to what may stand in the request line of HTTP/1.1. */
function takePath(head: RequestHead, value: string, entry: HeaderEntry | undefined): Refusal | undefined {
  const query = value.indexOf('?');
  head.hasQuery = query >= 0;
  head.path = query < 0 ? value : value.slice(0, query);
  head.query = query < 0 ? '' : value.slice(query + 1);
  if (entry?.isSound === true) return undefined;
  const { length } = value;
  if (length > maxTargetBytes) return refusals.targetTooLong;
  for (let at = 0; at < length; at++) if (isTarget[value.charCodeAt(at)] !== 1) return refusals.target;
  if (value.charCodeAt(0) !== 47 && head.path !== '*') return refusals.target;
  if (entry !== undefined) entry.isSound = true;
  return undefined;
}

function isValidToken(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (isToken[text.charCodeAt(at)] !== 1) return false;
  return text !== '';
}
