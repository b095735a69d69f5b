import { Kept } from '../message/kept.ts';
import { type ErrorName, flags, frameHeadBytes, frameTypes, maxFrameBytes, preface } from './protocol.ts';

/** Who gets the frames that are read. Whoever wants no more calls FrameReader.stop. */
export interface FrameSink {
  /** A frame other than DATA, whole: its payload is `buffer` from `at` to `end`, borrowed. */
  onFrame(frame: FrameReader): void;
  /** A DATA frame begins; `length` with all of its padding. */
  onData(frame: FrameReader): void;
  /** Some of its bytes, borrowed. */
  onDataBytes(buffer: Buffer, start: number, end: number): void;
  /** It is complete. */
  onDataEnd(frame: FrameReader): void;
  /** What comes is no sequence of frames that can be read. */
  onUnreadable(error: ErrorName, reason: string): void;
}

const nothing = Buffer.alloc(0);
const nobody: FrameSink = {
  onFrame: () => undefined,
  onData: () => undefined,
  onDataBytes: () => undefined,
  onDataEnd: () => undefined,
  onUnreadable: () => undefined,
};

/**
 * Reads frames out of whatever pieces the bytes come in. DATA is handed on where it lies; of the other frames only one that
 * is cut by the end of a read is copied. Its fields tell of the frame that was begun last.
 */
export class FrameReader {
  length = 0;
  type = 0;
  flags = 0;
  id = 0;
  buffer: Buffer = nothing;
  at = 0;
  end = 0;
  private stopped = false;
  private inData = false;
  private padLengthDue = false;
  private dataLeft = 0;
  private padLeft = 0;
  private prefaceLeft: number;
  /** The beginning of a frame whose rest has not come. */
  private readonly kept = new Kept();
  /** Who gets what is being read. */
  private sink: FrameSink = nobody;

  /** `after`: what stands before the first frame. */
  constructor(after: 'preface' | 'nothing') {
    this.prefaceLeft = after === 'preface' ? preface.length : 0;
  }

  /** A frame has begun that is not whole. */
  get begun(): boolean {
    return this.kept.length > 0 || this.prefaceLeft > 0;
  }

  /** Bytes of memory. */
  get held(): number {
    return this.kept.held;
  }

  /** Nothing that comes is looked at any more, and nothing waits. */
  stop(): void {
    this.stopped = true;
    this.kept.release();
  }

  /** The next bytes of the connection, borrowed. */
  read(buffer: Buffer, length: number, sink: FrameSink): void {
    this.sink = sink;
    let at = 0;
    while (at < length && !this.stopped) {
      if (this.inData) at = this.readData(buffer, at, length);
      else if (this.kept.length > 0) at = this.complete(buffer, at, length);
      else if (this.prefaceLeft > 0) at = this.readPreface(buffer, at);
      else at = this.readFrame(buffer, at, length);
    }
  }

  private readPreface(buffer: Buffer, at: number): number {
    if (buffer[at] === preface[preface.length - this.prefaceLeft]) this.prefaceLeft--;
    else this.sink.onUnreadable('PROTOCOL_ERROR', 'the connection does not begin with the preface of HTTP/2');
    return at + 1;
  }

  private readFrame(buffer: Buffer, at: number, length: number): number {
    if (length - at < frameHeadBytes) return this.kept.add(buffer, at, length);
    if (!this.readHead(buffer, at)) return length;
    if (this.type === frameTypes.data) {
      this.beginData();
      return at + frameHeadBytes;
    }
    const end = at + frameHeadBytes + this.length;
    if (end > length) return this.kept.add(buffer, at, length);
    this.deliver(buffer, at + frameHeadBytes, end);
    return end;
  }

  /** Goes on with a frame that was cut. */
  private complete(buffer: Buffer, at: number, length: number): number {
    const { kept } = this;
    let next = at;
    if (kept.length < frameHeadBytes) {
      next = kept.add(buffer, at, Math.min(length, at + frameHeadBytes - kept.length));
      if (kept.length < frameHeadBytes || !this.readHead(kept.bytes, kept.start)) return next;
      if (this.type === frameTypes.data) {
        kept.release();
        this.beginData();
        return next;
      }
    }
    const stop = kept.add(buffer, next, Math.min(length, next + frameHeadBytes + this.length - kept.length));
    if (kept.length < frameHeadBytes + this.length) return stop;
    this.deliver(kept.bytes, kept.start + frameHeadBytes, kept.end);
    kept.release();
    return stop;
  }

  private readHead(bytes: Buffer, at: number): boolean {
    this.length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    this.type = bytes[at + 3] ?? 0;
    this.flags = bytes[at + 4] ?? 0;
    this.id =
      (((bytes[at + 5] ?? 0) & 127) << 24) |
      ((bytes[at + 6] ?? 0) << 16) |
      ((bytes[at + 7] ?? 0) << 8) |
      (bytes[at + 8] ?? 0);
    if (this.length <= maxFrameBytes) return true;
    this.sink.onUnreadable('FRAME_SIZE_ERROR', `a frame has ${this.length} bytes, more than ${maxFrameBytes}`);
    return false;
  }

  private deliver(buffer: Buffer, at: number, end: number): void {
    this.buffer = buffer;
    this.at = at;
    this.end = end;
    this.sink.onFrame(this);
    this.buffer = nothing;
  }

  private beginData(): void {
    this.inData = true;
    this.padLengthDue = (this.flags & flags.padded) !== 0;
    this.dataLeft = this.length;
    this.padLeft = 0;
    if (this.padLengthDue && this.length === 0)
      return this.sink.onUnreadable(
        'FRAME_SIZE_ERROR',
        'a padded DATA frame has no place for the length of its padding',
      );
    this.sink.onData(this);
    if (this.length === 0 && !this.stopped) this.endData();
  }

  private readData(buffer: Buffer, from: number, length: number): number {
    let at = from;
    if (this.padLengthDue) {
      this.padLengthDue = false;
      this.padLeft = buffer[at++] ?? 0;
      this.dataLeft -= 1 + this.padLeft;
      if (this.dataLeft < 0) {
        this.sink.onUnreadable('PROTOCOL_ERROR', 'the padding of a DATA frame is longer than the frame');
        return length;
      }
    }
    const bytes = Math.min(this.dataLeft, length - at);
    if (bytes > 0) this.sink.onDataBytes(buffer, at, at + bytes);
    this.dataLeft -= bytes;
    at += bytes;
    if (this.dataLeft > 0 || this.stopped) return at;
    const padding = Math.min(this.padLeft, length - at);
    this.padLeft -= padding;
    if (this.padLeft === 0) this.endData();
    return at + padding;
  }

  private endData(): void {
    this.inData = false;
    this.sink.onDataEnd(this);
  }
}
