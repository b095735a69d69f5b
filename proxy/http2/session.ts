import { clock } from '../socket/clock.ts';
import type { Connection, Receiver } from '../socket/connection.ts';
import { leastEarning, prices } from './budget.ts';
import type { FrameReader, FrameSink } from './frames.ts';
import { Multiplexed } from './multiplexed.ts';
import { headersPayload, type Payload } from './payload.ts';
import { type ErrorName, firstWindow, flags, frameTypes, largest31 } from './protocol.ts';
import type { Stream } from './stream.ts';

/** The window of the whole connection: given back at once, for it is the streams' windows that hold back their senders. */
const connectionWindow = 2_097_152;

/**
 * One HTTP/2 connection as both of its ends have it: frames come in and are checked against the states of connection and
 * streams (RFC 9113 sections 5 and 6), what streams send goes out. What requests and responses are is for its kinds to say.
 */
export abstract class Session extends Multiplexed implements Receiver, FrameSink {
  /** The peer's SETTINGS have come. */
  protected settled = false;
  /** When something was read last. */
  protected readMs = clock.ms;
  /** Since when the frame or the header block that is being read is not whole. */
  protected partialSinceMs = Infinity;
  /** Frames that were begun, as far as they have been told. */
  private frames = 0;
  private receiveWindow = connectionWindow;
  private owed = 0;
  private touched: Stream[] = [];
  /** The stream whose DATA frame is under way, where its bytes are wanted. */
  private dataStream: Stream | undefined;
  private dataBytes = 0;

  constructor(connection: Connection, after: 'preface' | 'nothing') {
    super(connection, after);
    connection.receiver = this;
  }

  /** Begins with SETTINGS, and opens the window of the connection. */
  protected introduce(settings: readonly (readonly [number, number])[]): void {
    this.writer.settings(settings);
    this.writer.windowUpdate(0, connectionWindow - firstWindow);
  }

  /** Why HEADERS must not come for this stream, if so: it is told at once. */
  protected abstract onHeaders(id: number): void;
  /** A header block is whole. */
  protected abstract onBlock(id: number, endStream: boolean, payload: Payload): void;
  /** SETTINGS have come for the first time, or allow more or fewer streams than before. */
  protected abstract onSettled(): void;
  protected abstract onPingAck(): void;
  protected abstract onGoaway(lastId: number, code: number): void;
  /** A stream was reset by the peer. */
  protected abstract chargeReset(stream: Stream): void;

  onBytes(buffer: Buffer, length: number): void {
    const { frames, block } = this;
    const blockBefore = block.id;
    this.readMs = clock.ms;
    this.reader.read(buffer, length, this);
    const { touched } = this;
    if (touched.length > 0) {
      this.touched = [];
      for (const stream of touched) {
        stream.touched = false;
        if (!stream.gone) stream.onReadEnd();
      }
    }
    if (!this.reader.begun && !block.open) this.partialSinceMs = Infinity;
    // Where many bytes come every read may end within a frame, each time another one.
    else if (this.partialSinceMs === Infinity || (block.open ? block.id !== blockBefore : this.frames !== frames))
      this.partialSinceMs = clock.ms;
  }

  /** Something of it has come: it is told when the read is over. */
  protected touch(stream: Stream): void {
    if (stream.touched) return;
    stream.touched = true;
    this.touched.push(stream);
  }

  onFrame(frame: FrameReader): void {
    this.frames++;
    if (this.isOutOfPlace(frame)) return;
    switch (frame.type) {
      case frameTypes.headers:
        return this.readHeaders(frame);
      case frameTypes.continuation:
        return this.readContinuation(frame);
      case frameTypes.rstStream:
        return this.readReset(frame);
      case frameTypes.settings:
        return this.readSettings(frame);
      case frameTypes.ping:
        return this.readPing(frame);
      case frameTypes.goaway:
        return this.readGoaway(frame);
      case frameTypes.windowUpdate:
        return this.readWindowUpdate(frame);
      case frameTypes.priority:
        return this.readPriority(frame);
      case frameTypes.pushPromise:
        return this.violate('PROTOCOL_ERROR', 'PUSH_PROMISE came, which nobody has asked for');
      default:
        // Of a type that is not known (RFC 9113 section 4.1).
        this.charge(prices.asked);
    }
  }

  /** What may come at all: SETTINGS first, and within a header block nothing but the rest of it. */
  private isOutOfPlace({ type, flags: flag, id }: FrameReader): boolean {
    if (!this.settled && (type !== frameTypes.settings || (flag & flags.ack) !== 0)) {
      this.violate('PROTOCOL_ERROR', 'the first frame is not SETTINGS');
      return true;
    }
    const { block } = this;
    if (block.open ? type === frameTypes.continuation && id === block.id : type !== frameTypes.continuation)
      return false;
    this.violate('PROTOCOL_ERROR', block.open ? 'a header block was broken off' : 'CONTINUATION continues nothing');
    return true;
  }

  private readHeaders(frame: FrameReader): void {
    const payload = headersPayload(frame);
    if ('error' in payload) return this.violate(payload.error, payload.reason);
    if (frame.id === 0) return this.violate('PROTOCOL_ERROR', 'HEADERS came without a stream');
    this.onHeaders(frame.id);
    if (this.closing) return;
    const endStream = (frame.flags & flags.endStream) !== 0;
    if ((frame.flags & flags.endHeaders) !== 0) return this.onBlock(frame.id, endStream, payload);
    this.block.begin(frame.id, endStream);
    this.block.add(payload.buffer, payload.start, payload.end);
  }

  private readContinuation(frame: FrameReader): void {
    const { block } = this;
    if (!block.add(frame.buffer, frame.at, frame.end))
      return this.violate('ENHANCE_YOUR_CALM', 'a header block is longer than any head may be');
    if ((frame.flags & flags.endHeaders) === 0) return this.charge(frame.length < 1024 ? prices.asked : 0);
    const { id, endStream, kept } = block;
    block.id = 0;
    this.onBlock(id, endStream, { buffer: kept.bytes, start: kept.start, end: kept.end });
    block.release();
  }

  private readReset(frame: FrameReader): void {
    const { id } = frame;
    if (frame.length !== 4) return this.violate('FRAME_SIZE_ERROR', 'RST_STREAM has not four bytes');
    if (this.isIdle(id)) return this.violate('PROTOCOL_ERROR', 'RST_STREAM came for a stream that was never opened');
    const stream = this.streams.get(id);
    if (stream === undefined) return this.charge(prices.asked);
    this.closed.reset(id, 'by the peer');
    const code = frame.buffer.readUInt32BE(frame.at);
    this.remove(stream);
    stream.onReset(code);
    this.chargeReset(stream);
  }

  private readSettings(frame: FrameReader): void {
    const { peer, streams } = this;
    if (frame.id !== 0) return this.violate('PROTOCOL_ERROR', 'SETTINGS came on a stream');
    const isAck = (frame.flags & flags.ack) !== 0;
    if (isAck ? frame.length > 0 : frame.length % 6 !== 0)
      return this.violate('FRAME_SIZE_ERROR', 'SETTINGS has a length that it cannot have');
    if (isAck) return this.charge(prices.asked);
    this.charge(prices.asked + streams.size / prices.streamsLookedAt);
    const { initialWindow: before, maxConcurrentStreams: streamsBefore } = peer;
    const problem = peer.apply(frame);
    if (problem !== undefined) return this.violate(problem.error, problem.reason);
    const more = peer.initialWindow - before;
    for (const stream of more === 0 ? [] : streams.all()) {
      stream.sendWindow += more;
      if (stream.sendWindow > largest31)
        return this.violate('FLOW_CONTROL_ERROR', 'SETTINGS_INITIAL_WINDOW_SIZE makes a window larger than 2^31-1');
      if (more > 0 && stream.hasWaiting) this.sendQueue.add(stream);
    }
    this.encoder.limitTableSize(peer.smallestTableSize);
    this.encoder.limitTableSize(peer.headerTableSize);
    this.writer.settingsAck();
    if (!this.settled || peer.maxConcurrentStreams !== streamsBefore) {
      this.settled = true;
      this.onSettled();
    }
    this.sendQueue.pump();
  }

  private readPing(frame: FrameReader): void {
    if (frame.length !== 8) return this.violate('FRAME_SIZE_ERROR', 'PING has not eight bytes');
    if (frame.id !== 0) return this.violate('PROTOCOL_ERROR', 'PING came on a stream');
    if ((frame.flags & flags.ack) !== 0) this.onPingAck();
    else this.writer.ping(flags.ack, frame.buffer, frame.at);
    this.charge(prices.asked);
  }

  private readGoaway(frame: FrameReader): void {
    if (frame.length < 8) return this.violate('FRAME_SIZE_ERROR', 'GOAWAY has less than eight bytes');
    if (frame.id !== 0) return this.violate('PROTOCOL_ERROR', 'GOAWAY came on a stream');
    this.charge(prices.asked);
    this.onGoaway(frame.buffer.readUInt32BE(frame.at) & largest31, frame.buffer.readUInt32BE(frame.at + 4));
  }

  private readWindowUpdate(frame: FrameReader): void {
    if (frame.length !== 4) return this.violate('FRAME_SIZE_ERROR', 'WINDOW_UPDATE has not four bytes');
    const { id } = frame;
    const increment = frame.buffer.readUInt32BE(frame.at) & largest31;
    this.charge(prices.asked);
    if (id === 0) {
      if (increment === 0) return this.violate('PROTOCOL_ERROR', 'WINDOW_UPDATE has an increment of 0');
      if (!this.sendQueue.grow(increment))
        return this.violate('FLOW_CONTROL_ERROR', 'the window is larger than 2^31-1');
      return this.sendQueue.pump();
    }
    if (this.isIdle(id)) return this.violate('PROTOCOL_ERROR', 'WINDOW_UPDATE came for a stream that was never opened');
    const stream = this.streams.get(id);
    if (stream === undefined) return undefined;
    if (increment === 0) return this.failStream(stream, 'PROTOCOL_ERROR', 'WINDOW_UPDATE has an increment of 0');
    stream.sendWindow += increment;
    if (stream.sendWindow > largest31)
      return this.failStream(stream, 'FLOW_CONTROL_ERROR', 'the window of the stream is larger than 2^31-1');
    if (!stream.hasWaiting) return undefined;
    this.sendQueue.add(stream);
    return this.sendQueue.pump();
  }

  private readPriority({ id, length }: FrameReader): void {
    this.charge(prices.asked);
    if (id === 0) return this.violate('PROTOCOL_ERROR', 'PRIORITY came without a stream');
    if (length === 5) return undefined;
    const stream = this.streams.get(id);
    if (stream !== undefined) return this.failStream(stream, 'FRAME_SIZE_ERROR', 'PRIORITY has not five bytes');
    if (this.isIdle(id)) return this.violate('FRAME_SIZE_ERROR', 'PRIORITY has not five bytes');
    return this.writer.reset(id, 'FRAME_SIZE_ERROR');
  }

  onData(frame: FrameReader): void {
    const { id, length } = frame;
    this.frames++;
    this.dataStream = undefined;
    this.dataBytes = 0;
    if (this.isOutOfPlace(frame)) return;
    if (id === 0) return this.violate('PROTOCOL_ERROR', 'DATA came without a stream');
    this.receiveWindow -= length;
    if (this.receiveWindow < 0) return this.violate('FLOW_CONTROL_ERROR', 'DATA is more than the connection may have');
    const stream = this.streams.get(id);
    if (stream === undefined) return this.refuseLate(id, 'DATA');
    if (stream.remoteEnded) return this.failStream(stream, 'STREAM_CLOSED', 'DATA came behind the end of its stream');
    if (!stream.receive(length))
      return this.failStream(stream, 'FLOW_CONTROL_ERROR', 'DATA is more than the stream may have');
    this.dataStream = stream;
  }

  onDataBytes(buffer: Buffer, start: number, end: number): void {
    const { dataStream: stream } = this;
    this.dataBytes += end - start;
    if (stream === undefined || stream.gone) return;
    this.touch(stream);
    stream.onBytes(buffer, start, end);
  }

  onDataEnd({ length, flags: flag }: FrameReader): void {
    const { dataStream: stream } = this;
    this.dataStream = undefined;
    this.owed += length;
    if (this.owed * 2 >= connectionWindow) {
      this.writer.windowUpdate(0, this.owed);
      this.receiveWindow += this.owed;
      this.owed = 0;
    }
    const isEnd = (flag & flags.endStream) !== 0;
    const isOpen = stream !== undefined && !stream.gone;
    if (isOpen && (this.dataBytes >= leastEarning || (this.dataBytes > 0 && isEnd))) this.budget.earn(prices.data);
    else if (this.dataBytes === 0 && (!isEnd || stream === undefined)) this.charge(prices.asked);
    if (!isOpen) return;
    if (isEnd) this.endRemote(stream);
    else stream.received(length);
  }

  /** The peer has ended a stream, with its last frame. */
  private endRemote(stream: Stream): void {
    stream.remoteEnded = true;
    this.touch(stream);
    stream.onBytesEnd();
    if (stream.localEnded && !stream.gone) this.remove(stream);
  }

  onUnreadable(error: ErrorName, reason: string): void {
    this.violate(error, reason);
  }

  abstract onEnd(): void;
  abstract onClose(error: Error | undefined): void;
}
