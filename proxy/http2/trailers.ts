import { Fields } from '../message/fields.ts';
import { maxFields, maxHeaderListBytes } from '../message/limits.ts';
import { type Refusal, refusals } from '../message/refusal.ts';
import { isForbiddenTrailer } from '../message/trailers.ts';
import { refuseField } from './fieldRules.ts';
import type { HeaderSink, Indexing } from './hpack/decoder.ts';
import { entrySize, type HeaderEntry } from './hpack/entry.ts';
import { http2Refusals } from './refusals.ts';

/**
 * Reads trailer sections out of decoded header blocks, held to the rules of HTTP/1.1's and to those of RFC 9113 section 8.1. They
 * may be as long as heads: the details of a gRPC status are in the one or the other.
 */
export class TrailersReader implements HeaderSink {
  /** What is passed on of the section; undefined where nothing is. */
  fields: Fields | undefined;
  private refusal: Refusal | undefined;
  private count = 0;
  private bytes = 0;

  begin(): void {
    this.fields = undefined;
    this.refusal = undefined;
    this.count = 0;
    this.bytes = 0;
  }

  onField(name: string, value: string, indexing: Indexing, entry?: HeaderEntry): void {
    if (this.refusal !== undefined) return;
    this.bytes += entrySize(name, value);
    if (this.bytes > maxHeaderListBytes || ++this.count > maxFields) this.refusal = refusals.trailers;
    else if (name.charCodeAt(0) === 58) this.refusal = http2Refusals.pseudo;
    else this.refusal = refuseField(name, value, entry);
    if (this.refusal !== undefined || isForbiddenTrailer(name)) return;
    const fields = (this.fields ??= new Fields());
    fields.append(name, value, name);
    if (indexing === 'never') fields.keepSecret(name);
  }

  /** What the section that was read last counts, as RFC 9113 section 6.5.2 counts it. */
  get listBytes(): number {
    return this.bytes;
  }

  /** The section is complete. */
  finish(): Refusal | undefined {
    return this.refusal;
  }
}
