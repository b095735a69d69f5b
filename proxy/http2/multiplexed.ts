import type { Fields } from '../message/fields.ts';
import { drainTimeoutMs } from '../http1/lastWords.ts';
import { clock } from '../socket/clock.ts';
import type { Connection } from '../socket/connection.ts';
import { Expiring, unwatchDeadline, watchDeadline } from '../socket/deadlines.ts';
import { Budget, prices } from './budget.ts';
import { ClosedStreams } from './closedStreams.ts';
import { FrameReader } from './frames.ts';
import { FrameWriter } from './frameWriter.ts';
import { HeaderBlock } from './headerBlock.ts';
import { type HeaderSink, HpackDecoder } from './hpack/decoder.ts';
import { HpackEncoder } from './hpack/encoder.ts';
import type { Lost } from './lost.ts';
import type { Payload } from './payload.ts';
import { type ErrorName, flags } from './protocol.ts';
import { SendQueue } from './sendQueue.ts';
import { PeerSettings } from './settings.ts';
import type { Stream } from './stream.ts';
import { StreamTable } from './streamTable.ts';
import { writeTrailers } from './writeHeads.ts';

/** A peer that reads nothing gets no more answers than this to what it sends. */
const maxUnsentAnswers = 262_144;
const tableBytes = 4096;

/** The streams of a connection and what is sent on them, and the ways in which they and it end. */
export abstract class Multiplexed extends Expiring {
  readonly connection: Connection;
  readonly writer: FrameWriter;
  readonly sendQueue: SendQueue;
  readonly streams = new StreamTable<Stream>();
  protected readonly peer = new PeerSettings();
  protected readonly encoder = new HpackEncoder();
  private readonly decoder = new HpackDecoder(tableBytes);
  protected readonly closed = new ClosedStreams();
  protected readonly block = new HeaderBlock();
  protected readonly reader: FrameReader;
  protected readonly budget = new Budget();
  /** Nothing is read or begun any more: what was written leaves. */
  protected closing = false;

  constructor(connection: Connection, after: 'preface' | 'nothing') {
    super();
    this.connection = connection;
    this.reader = new FrameReader(after);
    this.writer = new FrameWriter(connection);
    this.sendQueue = new SendQueue(this);
    watchDeadline(this);
  }

  /** Whether the peer may not have used this identifier yet. */
  protected abstract isIdle(id: number): boolean;
  /** A stream is over; of its kind it is whether that has any consequence. */
  protected abstract onRemoved(stream: Stream): void;
  /** We have ended a stream which the peer has not. */
  protected abstract onEndedFirst(stream: Stream): void;

  /** The last stream of the peer that is looked at; 0 where it opens none. */
  protected get servedUpTo(): number {
    return 0;
  }

  /** Of the bytes that have not left, what falls to each of the streams. */
  get unsentShare(): number {
    return Math.ceil(this.writer.unsent / this.streams.size);
  }

  onDataSent(isWhole: boolean): void {
    if (isWhole) this.budget.earn(prices.data);
  }

  /** A stream has sent its END_STREAM. */
  onStreamEnded(stream: Stream): void {
    if (stream.remoteEnded) this.remove(stream);
    else this.onEndedFirst(stream);
  }

  /** Writes a trailer section; false when there is nothing in it. */
  writeTrailers(stream: Stream, trailers: Fields): boolean {
    const { encoder } = this;
    writeTrailers(encoder, trailers);
    if (encoder.length === 0) return false;
    this.writer.block(stream, encoder, flags.endStream);
    return true;
  }

  /** Has a header block decoded, each in the order in which it came; false: it cannot be, which ends the connection. */
  protected decode({ buffer, start, end }: Payload, sink: HeaderSink): boolean {
    if (this.decoder.decode(buffer, start, end, sink) === undefined) return true;
    this.violate('COMPRESSION_ERROR', 'a header block cannot be decompressed');
    return false;
  }

  /** Takes the cost of something from what the peer may have us do; beyond it the connection ends. */
  protected charge(cost: number, budget = this.budget): void {
    if (!budget.spend(cost)) this.violate('ENHANCE_YOUR_CALM', 'too much was sent that is no request');
    else if (this.connection.full && this.writer.unsent > maxUnsentAnswers)
      this.violate('ENHANCE_YOUR_CALM', 'none of the answers is read');
  }

  /** Ends a stream early, with this code. */
  resetStream(stream: Stream, error: ErrorName): void {
    if (stream.gone) return;
    this.writer.reset(stream.id, error);
    this.closed.reset(stream.id, 'by us');
    this.remove(stream);
  }

  /** The peer has broken a rule that concerns one stream. */
  failStream(stream: Stream, error: ErrorName, reason: string): void {
    if (stream.gone) return;
    this.resetStream(stream, error);
    stream.onLost({ type: 'Violated', reason });
    this.charge(prices.broken);
  }

  /** What comes for a stream that is not open (RFC 9113 section 5.1). */
  protected refuseLate(id: number, what: string): void {
    if (this.isIdle(id)) return this.violate('PROTOCOL_ERROR', `${what} came for a stream that was never opened`);
    switch (this.closed.how(id)) {
      case 'by us':
        // It may have been on its way.
        return undefined;
      case 'by the peer':
        this.writer.reset(id, 'STREAM_CLOSED');
        return this.charge(prices.asked);
      case 'skipped':
        return this.violate('PROTOCOL_ERROR', `${what} came for a stream that was passed over`);
      case 'whole':
        return this.violate('STREAM_CLOSED', `${what} came for a stream that has ended`);
    }
  }

  protected remove(stream: Stream): void {
    if (!this.streams.delete(stream)) return;
    stream.release();
    this.sendQueue.drop(stream);
    this.onRemoved(stream);
  }

  /** The peer has broken a rule that the whole connection stands on. */
  protected violate(error: ErrorName, reason: string): void {
    if (this.closing) return;
    this.writer.goaway(this.servedUpTo, error, reason);
    this.finish();
    this.lose({ type: 'Violated', reason });
  }

  /** Ends every stream. */
  protected lose(lost: Lost): void {
    for (const stream of this.streams.all()) {
      this.remove(stream);
      stream.onLost(lost);
    }
  }

  /** Nothing more is read: what was written leaves, then a FIN; the peer's is waited for a little. */
  protected finish(): void {
    if (this.closing) return;
    this.stopReading();
    this.writer.end();
    this.deadline = clock.ms + drainTimeoutMs;
  }

  private stopReading(): void {
    this.closing = true;
    this.reader.stop();
    this.block.release();
  }

  onDrain(): void {
    this.writer.flush();
    this.sendQueue.pump();
  }

  /** As the receiver of a connection that is no more. */
  protected over(): void {
    unwatchDeadline(this);
    this.stopReading();
  }
}
