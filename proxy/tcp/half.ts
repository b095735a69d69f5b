import type { Connection, Receiver } from '../socket/connection.ts';
import { endedWhole } from '../socket/endedWhole.ts';
import { ErrorWatch } from '../socket/gone.ts';
import { borrowPipe, giveBackPipe, type Pipe } from '../socket/pipes.ts';
import { asRaw, type RawConnection } from '../socket/rawConnection.ts';
import { readBuffer } from '../socket/readBuffers.ts';
import { emptyPipe, fillPipe, takeFromPipe } from '../socket/splice.ts';

/** What a half tells its tunnel. */
export type HalfEvents = {
  onProgress(): void;
  onEnd(): void;
  /** Nothing more can be written to what this half writes to; comes again with every write. */
  onWriteError(): void;
  onClose(error: Error | undefined): void;
};

// One read that brings as much, with what waited behind it, is part of a bulk transfer.
const bulkBytes = 65_536;
// What a bulk transfer reads to learn that there is something: the rest is never copied into this process.
const leadBuffer = Buffer.allocUnsafeSlow(4096);
const leftInPipe = Buffer.allocUnsafeSlow(4096);
// Then it is the others' turn: about a millisecond. Shorter turns cost more, since less is taken at a time.
const turnBytes = 4_194_304;

/**
 * One direction of a tunnel: what `from` reads goes to `to`. Between raw connections, what waits behind a buffer that was read
 * full is spliced, from the kernel to the kernel, through a pipe that is borrowed until it is empty again. Reading waits while
 * `to` takes no more.
 */
export class Half implements Receiver {
  /** What its peer has sent before it could not be written to any more still goes the other way. */
  readonly readsOn = true;
  bytes = 0;
  /** When this many have come, it is the others' turn. */
  private yieldAt = turnBytes;
  private bulk = false;
  private pipe: Pipe | undefined;
  private watch: ErrorWatch | undefined;
  /** The other direction, which reads what this one writes to. */
  peer: Half | undefined;
  private readonly from: Connection;
  private readonly to: Connection;
  /** Where what is written here is what the socket carries; `rawFrom` only if both do, so that bytes may be spliced. */
  private readonly rawTo: RawConnection | undefined;
  private readonly rawFrom: RawConnection | undefined;
  private readonly events: HalfEvents;

  constructor(from: Connection, to: Connection, events: HalfEvents) {
    this.from = from;
    this.to = to;
    this.rawTo = asRaw(to);
    this.rawFrom = this.rawTo && asRaw(from);
    this.events = events;
    from.receiver = this;
  }

  /** Sends on bytes that were read before the tunnel stood. */
  send(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.bytes += bytes.length;
    this.write(bytes, bytes.length, false);
  }

  onBytes(buffer: Buffer, length: number): void {
    const before = this.bytes;
    this.bytes += length;
    this.events.onProgress();
    const spliced = length === buffer.length && this.rawTo?.idle === true ? this.fill() : 0;
    const taken = this.write(buffer, length, spliced > 0) && this.pass(this.yieldAt);
    const passed = this.bytes - before;
    // Without a pipe nothing is spared by reading little.
    this.bulk = passed >= bulkBytes && passed > length;
    if (taken && this.bytes < this.yieldAt) return;
    this.from.pause();
    if (taken) this.goOn();
    else this.watchForReset();
  }

  nextBuffer(): Buffer {
    return this.bulk ? leadBuffer : readBuffer();
  }

  onDrain(): void {
    this.peer?.onTaken();
  }

  /** `to` has taken everything that was written. */
  private onTaken(): void {
    if (this.to.full) return;
    // What libuv was given has failed: of that nothing else may tell, where nothing is read from `to`.
    if (this.to.writeError !== undefined) this.events.onWriteError();
    this.events.onProgress();
    if (this.pass(0)) this.goOn();
    else this.watchForReset();
  }

  /** Reads on, when the others have had their turn: libuv would read up to 32 times before it looks at another connection. */
  private goOn(): void {
    if (!this.from.ended) this.watch?.stop();
    if (this.bytes < this.yieldAt) return this.from.resume();
    this.yieldAt = this.bytes + turnBytes;
    setImmediate(() => this.onTaken());
  }

  /** All that has come has left this process. */
  get passedOn(): boolean {
    return this.pipe === undefined && this.to.unsent === 0;
  }

  /** Of a connection that is not read from a reset is learned by the next write alone, which may never come. */
  private watchForReset(): void {
    const from = asRaw(this.from);
    if (from === undefined || from.closed) return;
    this.watch ??= new ErrorWatch(from, (error) => {
      from.failWrite(error);
      this.peer?.events.onWriteError();
    });
    this.watch.start();
  }

  onEnd(): void {
    this.watchForReset();
    if (endedWhole(this.from)) this.to.end();
    this.events.onEnd();
  }

  onClose(error: Error | undefined): void {
    this.watch?.stop();
    this.peer?.releasePipe();
    this.events.onClose(error);
    if (this.to.closed) this.releasePipe();
  }

  /** False when `to` has not taken it all: the rest waits there for onTaken. */
  private write(bytes: Buffer, length: number, more: boolean): boolean {
    const taken = this.rawTo?.send(bytes, length, more) ?? 0;
    const room = taken === length || this.to.writeBytes(bytes, taken, length);
    if (this.to.writeError !== undefined) this.events.onWriteError();
    return room;
  }

  /** Splices until nothing waits or `until` bytes have come in all; false when `to` takes no more. */
  private pass(until: number): boolean {
    do if (!this.empty()) return false;
    while (this.bytes < until && this.pipe !== undefined && this.fill() > 0);
    this.releasePipe();
    return true;
  }

  private fill(): number {
    if (this.rawFrom === undefined) return 0;
    this.pipe ??= borrowPipe();
    if (this.pipe === undefined) return 0;
    const spliced = fillPipe(this.pipe, this.rawFrom);
    this.bytes += spliced;
    return spliced;
  }

  /** What does not fit goes by way of libuv's queue, a little at a time, since that tells when there is room again. */
  private empty(): boolean {
    if (this.pipe === undefined || this.rawTo === undefined) return true;
    while (!emptyPipe(this.pipe, this.rawTo)) {
      if (this.rawTo.writeError !== undefined) {
        this.releasePipe();
        this.events.onWriteError();
        return true;
      }
      const left = takeFromPipe(this.pipe, leftInPipe);
      if (left === 0 || !this.rawTo.writeBytes(leftInPipe, 0, left)) return false;
    }
    return true;
  }

  private releasePipe(): void {
    if (this.pipe !== undefined) giveBackPipe(this.pipe);
    this.pipe = undefined;
  }
}
