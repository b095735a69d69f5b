import type { Connection } from '../socket/connection.ts';
import { borrowCopy, copyBytes, giveBackCopy } from '../socket/copies.ts';
import { putLatin1 } from '../socket/latin1.ts';
import { errorCodes, type ErrorName, flags, frameHeadBytes, frameTypes, maxFrameBytes } from './protocol.ts';

/** A header block that is ready to be written. */
export type Block = { readonly bytes: Uint8Array; readonly length: number };

/** A stream, as far as its frames are written: where its last one stands, which may become its last of all. */
export type Marked = { readonly id: number; markEpoch: number; markAt: number };

/** What most connections write in a turn: hundreds may write in the same one, and large buffers are spared but for a few. */
const fewBytes = 8192;

let dirty: FrameWriter[] = [];

function flushAll(): void {
  const writers = dirty;
  dirty = [];
  for (const writer of writers) writer.flushTurn();
}

/**
 * Writes frames of all streams of a connection into one pooled buffer, which leaves once per turn of the loop: what many
 * connections bring for one leaves in one write.
 */
export class FrameWriter {
  /** Bytes that were handed to the connection. */
  written = 0;
  /** Frames are put together, but none leaves: the connection does not stand yet. */
  corked = false;
  private ended = false;
  private epoch = 0;
  private held: Buffer | undefined;
  private length = 0;
  private scheduled = false;
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** More may be written: nothing waits in this process but what leaves with this turn. */
  get open(): boolean {
    return !this.corked && !this.ended && !this.connection.full;
  }

  /** Bytes that have not left. */
  get unsent(): number {
    return this.length + this.connection.unsent;
  }

  /** Begins a frame and returns where its payload is to be put in `bytes`. */
  frame(type: number, flag: number, id: number, length: number): number {
    const bytes = this.roomFor(frameHeadBytes + length);
    const at = this.length;
    bytes[at] = length >> 16;
    bytes[at + 1] = length >> 8;
    bytes[at + 2] = length;
    bytes[at + 3] = type;
    bytes[at + 4] = flag;
    bytes[at + 5] = id >>> 24;
    bytes[at + 6] = id >> 16;
    bytes[at + 7] = id >> 8;
    bytes[at + 8] = id;
    this.length = at + frameHeadBytes + length;
    return at + frameHeadBytes;
  }

  /** A DATA frame; its bytes are borrowed. */
  data(stream: Marked, buffer: Buffer, start: number, end: number): void {
    const at = this.frame(frameTypes.data, flags.none, stream.id, end - start);
    buffer.copy(this.held ?? buffer, at, start, end);
    this.mark(stream, at);
  }

  /** A HEADERS frame, and CONTINUATION frames for what is too long for one. */
  block(stream: Marked, block: Block, flag: number): void {
    const { bytes, length } = block;
    const first = Math.min(length, maxFrameBytes);
    const whole = first === length ? flags.endHeaders : flags.none;
    const at = this.frame(frameTypes.headers, flag | whole, stream.id, first);
    this.put(bytes, 0, first, at);
    this.mark(stream, at);
    for (let done = first; done < length;) {
      const next = Math.min(length, done + maxFrameBytes);
      const last = next === length ? flags.endHeaders : flags.none;
      this.put(bytes, done, next, this.frame(frameTypes.continuation, last, stream.id, next - done));
      done = next;
    }
  }

  private put(bytes: Uint8Array, from: number, to: number, at: number): void {
    const held = this.held;
    if (held !== undefined) for (let index = from; index < to; index++) held[at + index - from] = bytes[index] ?? 0;
  }

  private mark(stream: Marked, payloadAt: number): void {
    stream.markEpoch = this.epoch;
    stream.markAt = payloadAt - frameHeadBytes;
  }

  /** Ends a stream with its last frame where that has not left yet, else with an empty one. */
  endStream(stream: Marked): void {
    const { held } = this;
    if (held !== undefined && stream.markEpoch === this.epoch)
      held[stream.markAt + 4] = (held[stream.markAt + 4] ?? 0) | flags.endStream;
    else this.frame(frameTypes.data, flags.endStream, stream.id, 0);
  }

  reset(id: number, error: ErrorName): void {
    this.number(this.frame(frameTypes.rstStream, flags.none, id, 4), errorCodes[error]);
  }

  /** `id` 0: of the connection. */
  windowUpdate(id: number, increment: number): void {
    this.number(this.frame(frameTypes.windowUpdate, flags.none, id, 4), increment);
  }

  /** Pairs of a setting's identifier and its value. */
  settings(values: readonly (readonly [number, number])[]): void {
    let at = this.frame(frameTypes.settings, flags.none, 0, values.length * 6);
    for (const [identifier, value] of values) {
      if (this.held !== undefined) this.held.writeUInt16BE(identifier, at);
      this.number(at + 2, value);
      at += 6;
    }
  }

  settingsAck(): void {
    this.frame(frameTypes.settings, flags.ack, 0, 0);
  }

  /** Eight bytes of `buffer` from `at`. */
  ping(flag: number, buffer: Buffer, at: number): void {
    const to = this.frame(frameTypes.ping, flag, 0, 8);
    if (this.held !== undefined) buffer.copy(this.held, to, at, at + 8);
  }

  goaway(lastId: number, error: ErrorName, reason: string): void {
    const at = this.frame(frameTypes.goaway, flags.none, 0, 8 + reason.length);
    this.number(at, lastId);
    this.number(at + 4, errorCodes[error]);
    if (this.held !== undefined) putLatin1(this.held, reason, at + 8);
  }

  /** The bytes before any frame. */
  raw(bytes: Buffer): void {
    const held = this.roomFor(bytes.length);
    bytes.copy(held, this.length);
    this.length += bytes.length;
  }

  private number(at: number, value: number): void {
    this.held?.writeUInt32BE(value >>> 0, at);
  }

  /** What was written in this turn leaves, unless other bytes wait: they leave with the drain. */
  flushTurn(): void {
    this.scheduled = false;
    if (this.open || this.ended) this.flush();
  }

  /** Hands everything to the connection. */
  flush(): void {
    const { held, length } = this;
    if (held === undefined || this.corked) return;
    this.held = undefined;
    this.length = 0;
    this.epoch++;
    if (this.ended) return giveBackCopy(held);
    this.written += length;
    this.connection.writeCopy(held, length);
  }

  /** Hands everything to the connection and half-closes it; what is written later is dropped. */
  end(): void {
    this.flush();
    this.ended = true;
    this.connection.end();
  }

  private roomFor(bytes: number): Buffer {
    if (this.length + bytes > copyBytes) this.flush();
    const held = this.held ?? borrowCopy(bytes < fewBytes ? fewBytes : copyBytes);
    this.held = this.length + bytes > held.length ? this.grow(held) : held;
    if (!this.scheduled) {
      this.scheduled = true;
      if (dirty.push(this) === 1) setImmediate(flushAll);
    }
    return this.held;
  }

  private grow(held: Buffer): Buffer {
    const grown = borrowCopy(copyBytes);
    held.copy(grown, 0, 0, this.length);
    giveBackCopy(held);
    return grown;
  }
}
