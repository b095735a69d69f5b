import { Fields } from '../message/fields.ts';
import { latin1 } from '../socket/latin1.ts';
import { headOf } from './headBytes.ts';
import { Framing, readFields } from './readFields.ts';
import { type Refusal, refusals } from './refusal.ts';

/** Who gets a body as it is read: its data without any framing, borrowed like everything read. */
export interface BodySink {
  onBodyData(buffer: Buffer, start: number, end: number): void;
}

// Of one chunk; some servers pad every chunk size.
const maxExtensionBytes = 4096;
const maxTrailerBytes = 16_384;

// Where a chunked body stands (RFC 9112 section 7.1).
const size = 0;
const extension = 1;
const sizeLf = 2;
const data = 3;
const dataCr = 4;
const dataLf = 5;
const trailers = 6;

const cr = 13;
const lf = 10;

type Kind = 'none' | 'length' | 'chunked' | 'close';

/** Reads one message body after another off a connection; chunked framing is taken away here. */
export class BodyReader {
  done = true;
  refusal: Refusal | undefined;
  /** Trailer fields of a chunked body, set when it is done and had any. */
  trailers: Fields | undefined;
  private kind: Kind = 'none';
  private left = 0;
  private state = size;
  private digits = 0;
  private extensionBytes = 0;
  private trailerText = '';

  /** Starts on the next body; `length` counts for the kind `length` only. */
  start(kind: Kind, length: number): void {
    this.kind = kind;
    this.left = length;
    this.done = kind === 'none' || (kind === 'length' && length === 0);
    this.refusal = undefined;
    this.trailers = undefined;
    this.state = size;
    this.digits = 0;
    this.extensionBytes = 0;
    this.trailerText = '';
    if (kind === 'chunked') this.left = 0;
  }

  /** Reads from `at` to `end`; returns where it stopped: behind the body when `done`, anywhere when `refusal` is set. */
  read(buffer: Buffer, at: number, end: number, sink: BodySink): number {
    if (this.done || at >= end) return at;
    if (this.kind === 'chunked') return this.readChunked(buffer, at, end, sink);
    if (this.kind === 'close') {
      sink.onBodyData(buffer, at, end);
      return end;
    }
    const stop = Math.min(end, at + this.left);
    this.left -= stop - at;
    if (this.left === 0) this.done = true;
    sink.onBodyData(buffer, at, stop);
    return stop;
  }

  /** The connection has ended: completes a body that lasts until then. False when the body was cut short. */
  finish(): boolean {
    if (this.kind === 'close') this.done = true;
    return this.done;
  }

  private readChunked(buffer: Buffer, from: number, end: number, sink: BodySink): number {
    let at = from;
    while (at < end) {
      if (this.state === data) {
        const stop = Math.min(end, at + this.left);
        this.left -= stop - at;
        if (this.left === 0) this.state = dataCr;
        sink.onBodyData(buffer, at, stop);
        at = stop;
        continue;
      }
      if (this.state === trailers) return this.readTrailers(buffer, at, end);
      if (!this.step(buffer[at++] ?? 0)) {
        this.refusal = refusals.chunk;
        return at;
      }
    }
    return at;
  }

  /** One byte outside chunk data; false when it may not stand there. */
  private step(byte: number): boolean {
    switch (this.state) {
      case size: {
        const digit = hexDigit(byte);
        if (digit >= 0) {
          if (++this.digits > 16) return false;
          this.left = this.left * 16 + digit;
          return this.left <= Number.MAX_SAFE_INTEGER;
        }
        if (this.digits === 0) return false;
        this.state = byte === cr ? sizeLf : extension;
        return byte === cr || byte === 59 || byte === 32 || byte === 9;
      }
      case extension:
        if (byte === cr) this.state = sizeLf;
        return (byte >= 32 || byte === 9 || byte === cr) && byte !== 127 && ++this.extensionBytes <= maxExtensionBytes;
      case sizeLf:
        this.extensionBytes = 0;
        this.state = this.left === 0 ? trailers : data;
        this.digits = 0;
        return byte === lf;
      case dataCr:
        this.state = dataLf;
        return byte === cr;
      default:
        this.state = size;
        return byte === lf;
    }
  }

  private readTrailers(buffer: Buffer, from: number, end: number): number {
    // Nearly always the section is empty: CRLF and nothing else.
    const seen = this.trailerText.length;
    const text = this.trailerText + latin1(buffer, from, Math.min(end, from + maxTrailerBytes + 4 - seen));
    const stop = text.startsWith('\r\n') ? 0 : text.indexOf('\r\n\r\n', Math.max(0, seen - 3));
    if (stop < 0) {
      this.trailerText = text;
      if (text.length > maxTrailerBytes) this.refusal = refusals.trailers;
      return end;
    }
    if (stop > 0) {
      const fields = new Fields();
      fields.reset(text);
      const framing = new Framing();
      if (readFields(headOf(text, stop), 0, { fields, framing }) !== undefined) {
        this.refusal = refusals.trailers;
        return end;
      }
      dropForbiddenTrailers(fields);
      this.trailers = fields;
    }
    this.done = true;
    return from + (stop === 0 ? 2 : stop + 4) - seen;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

// Framing and Host are dropped by readFields already; these would change who is asking, or how the body is understood.
const forbiddenTrailers =
  'authorization proxy-authorization proxy-authenticate www-authenticate cookie set-cookie content-length content-encoding ' +
  'content-type content-range trailer expect range';

function dropForbiddenTrailers(fields: Fields): void {
  for (const name of forbiddenTrailers.split(' ')) fields.remove(name);
}
