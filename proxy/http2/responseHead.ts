import { readContentLength } from '../message/contentLength.ts';
import { ResponseHead } from '../message/head.ts';
import { maxFields, maxHeaderListBytes } from '../message/limits.ts';
import { ownPrefix } from '../message/ownFields.ts';
import { type Refusal, refusals } from '../message/refusal.ts';
import { refuseField } from './fieldRules.ts';
import type { HeaderSink, Indexing } from './hpack/decoder.ts';
import { entrySize, type HeaderEntry } from './hpack/entry.ts';
import { http2Refusals } from './refusals.ts';

/** Reads response heads, interim ones too, as RequestHeadReader reads requests; every refusal means 502 for the client. */
export class ResponseHeadReader implements HeaderSink {
  private head = new ResponseHead();
  private refusal: Refusal | undefined;
  private fields = 0;
  private bytes = 0;

  /** Starts on a block, which fills `head`: a new one. */
  begin(head: ResponseHead): void {
    this.head = head;
    head.version = '2.0';
    this.refusal = undefined;
    this.fields = 0;
    this.bytes = 0;
  }

  onField(name: string, value: string, indexing: Indexing, entry?: HeaderEntry): void {
    if (this.refusal !== undefined) return;
    this.bytes += entrySize(name, value);
    if (this.bytes > maxHeaderListBytes) this.refusal = refusals.headTooLarge;
    else this.refusal = name.charCodeAt(0) === 58 ? this.takeStatus(name, value) : this.takeField(name, value, entry);
    if (indexing === 'never') this.head.headers.keepSecret(name);
  }

  /** The block is complete. `body`: whether its frame ends the stream. `method`: of the request. */
  finish(body: 'follows' | 'none', method: string): Refusal | undefined {
    const { head, refusal } = this;
    if (refusal !== undefined) return refusal;
    const { status, bodyLength } = head;
    if (status === 0) return http2Refusals.status;
    // 101 is none of HTTP/2 (RFC 9113 section 8.6).
    if (status === 101 || (status < 200 && body === 'none')) return http2Refusals.interim;
    if (body === 'follows' || status < 200 || method === 'HEAD' || status === 204 || status === 304) return undefined;
    if (bodyLength > 0) return http2Refusals.bodyMissing;
    head.bodyLength = 0;
    return undefined;
  }

  private takeStatus(name: string, value: string): Refusal | undefined {
    const { head } = this;
    if (name !== ':status' || this.fields > 0) return http2Refusals.pseudo;
    const status = value.length === 3 ? readContentLength(value, 0, 3) : -1;
    if (head.status !== 0 || status < 100) return http2Refusals.status;
    head.status = status;
    return undefined;
  }

  private takeField(name: string, value: string, entry: HeaderEntry | undefined): Refusal | undefined {
    const wrong = refuseField(name, value, entry);
    if (wrong !== undefined) return wrong;
    if (++this.fields > maxFields) return refusals.tooManyFields;
    const { head } = this;
    switch (name.length) {
      case 2:
        if (name === 'te') return http2Refusals.connectionField;
        break;
      case 4:
        // Means nothing here, and is dropped as from HTTP/1.1.
        if (name === 'host') return undefined;
        break;
      case 14:
        if (name !== 'content-length') break;
        if (head.bodyLength >= 0) return refusals.contentLength;
        head.bodyLength = readContentLength(value, 0, value.length);
        return head.bodyLength < 0 ? refusals.contentLength : undefined;
      default:
    }
    if (name.charCodeAt(0) === 104 && name.startsWith(ownPrefix)) head.hasOwnFields = true;
    head.headers.append(name, value, name);
    return undefined;
  }
}
