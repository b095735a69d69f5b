import { Fields } from '../message/fields.ts';
import { isValue } from '../message/characters.ts';
import { dropForbiddenTrailers } from '../message/trailers.ts';
import { Framing } from './framing.ts';
import type { HeadBytes } from './headBytes.ts';
import { HeadReader, trailerSection } from './headReader.ts';
import { readFields } from './readFields.ts';
import { type Refusal, refusals } from '../message/refusal.ts';

/** Who gets a body as it is read: its data without any framing, borrowed like everything read. */
export interface BodySink {
  onBodyData(buffer: Buffer, start: number, end: number): void;
}

// Of one chunk; some servers pad every chunk size.
const maxExtensionBytes = 4096;

// Where a chunked body stands (RFC 9112 section 7.1).
const size = 0;
const extension = 1;
const sizeLf = 2;
const data = 3;
const dataCr = 4;
const dataLf = 5;
const trailers = 6;
const padding = 7;

// Data of chunks smaller than this is handed on together, as much as one read has brought: who sends single bytes must not
// have each of them cost a write of its own.
const smallBytes = 256;
const gathered = Buffer.allocUnsafeSlow(65_536);

const cr = 13;
const lf = 10;
const semicolon = 59;
const crlf = Buffer.from('\r\n');

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
  /** How many bytes of small chunks wait in `gathered`: never longer than a read is looked at. */
  private gatheredBytes = 0;
  /** Made for the few bodies that have trailers. */
  private trailerReader: HeadReader | undefined;

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
    this.trailerReader = undefined;
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

  /** Whether more than so many bytes are yet to come; how long chunks go on nobody knows. */
  hasMoreThan(bytes: number): boolean {
    return this.kind === 'length' && this.left > bytes;
  }

  /** Bytes of memory for what has come of the trailers. */
  get held(): number {
    return this.trailerReader?.held ?? 0;
  }

  /** The connection has ended: completes a body that lasts until then. False when the body was cut short. */
  finish(): boolean {
    if (this.kind === 'close') this.done = true;
    return this.done;
  }

  private readChunked(buffer: Buffer, from: number, end: number, sink: BodySink): number {
    const stop = this.readChunks(buffer, from, end, sink);
    this.handOn(sink);
    return stop;
  }

  private readChunks(buffer: Buffer, from: number, end: number, sink: BodySink): number {
    let at = from;
    while (at < end) {
      if (this.state === data) {
        const stop = Math.min(end, at + this.left);
        this.left -= stop - at;
        if (this.left === 0) this.state = dataCr;
        if (stop - at < smallBytes) this.gather(buffer, at, stop, sink);
        else {
          this.handOn(sink);
          sink.onBodyData(buffer, at, stop);
        }
        at = stop;
        continue;
      }
      if (this.state === trailers) return this.readTrailers(buffer, at, end);
      if (this.state === extension) at = this.skipExtension(buffer, at, end);
      else if (!this.step(buffer[at++] ?? 0)) this.refusal = refusals.chunk;
      if (this.refusal !== undefined) return at;
    }
    return at;
  }

  private gather(buffer: Buffer, start: number, end: number, sink: BodySink): void {
    if (this.gatheredBytes + end - start > gathered.length) this.handOn(sink);
    for (let at = start; at < end; at++) gathered[this.gatheredBytes++] = buffer[at] ?? 0;
  }

  private handOn(sink: BodySink): void {
    const { gatheredBytes } = this;
    if (gatheredBytes === 0) return;
    this.gatheredBytes = 0;
    sink.onBodyData(gathered, 0, gatheredBytes);
  }

  /** To behind the CR that ends it, or wherever it is wrong. */
  private skipExtension(buffer: Buffer, from: number, end: number): number {
    const most = Math.min(end, from + maxExtensionBytes - this.extensionBytes);
    let at = from;
    while (at < most && isValue[buffer[at] ?? 0] === 1) at++;
    this.extensionBytes += at - from;
    if (at === end) return at;
    if (at === most || buffer[at] !== cr) this.refusal = refusals.chunk;
    this.state = sizeLf;
    return at + 1;
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
        return this.digits > 0 && this.endSize(byte);
      }
      case padding:
        return ++this.extensionBytes <= maxExtensionBytes && this.endSize(byte);
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

  /** What may follow the digits of a size: white space that pads it, then an extension or the end of the line. */
  private endSize(byte: number): boolean {
    if (byte === cr) this.state = sizeLf;
    else if (byte === semicolon) this.state = extension;
    else this.state = padding;
    return this.state !== padding || byte === 32 || byte === 9;
  }

  private readTrailers(buffer: Buffer, from: number, end: number): number {
    // Nearly always the section is empty: CRLF and nothing else.
    if (this.trailerReader === undefined && buffer[from] === cr && from + 1 < end && buffer[from + 1] === lf) {
      this.done = true;
      return from + 2;
    }
    const reader = (this.trailerReader ??= startTrailers());
    const section = reader.read(buffer, from, end);
    if (section === undefined ? reader.refusal !== undefined : !this.takeTrailers(section))
      this.refusal = refusals.trailers;
    if (section === undefined || this.refusal !== undefined) return end;
    this.trailerReader = undefined;
    this.done = true;
    return reader.next;
  }

  private takeTrailers(section: HeadBytes): boolean {
    if (section.end === 0) return true;
    const fields = new Fields();
    fields.reset(section.text);
    if (readFields(section, crlf.length, { fields, framing: new Framing() }) !== undefined) return false;
    dropForbiddenTrailers(fields);
    this.trailers = fields;
    return true;
  }
}

/** The CRLF of the last chunk's line comes first, so that an empty section ends as a head does. */
function startTrailers(): HeadReader {
  const reader = new HeadReader(trailerSection);
  reader.read(crlf, 0, crlf.length);
  return reader;
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
