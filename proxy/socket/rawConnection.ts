import { errorOf } from '../../runtime/reason.ts';
import { queuedToSend, resetOnClose, send, shutdownWrite, systemError, wouldBlock, limitUnsent } from '../libc.ts';
import { isAlive } from './alive.ts';
import { clock } from './clock.ts';
import type { Connection, OpenCount, Receiver } from './connection.ts';
import { borrowCopy, giveBackCopy } from './copies.ts';
import { watchForError } from './gone.ts';
import { guard } from './guard.ts';
import { endOfStream, lastRead, type TcpHandle, uvError } from './handle.ts';
import { PendingWrites } from './pendingWrites.ts';
import { readBuffer } from './readBuffers.ts';

const withoutWaiting = 0x40 | 0x4000; // MSG_DONTWAIT, MSG_NOSIGNAL
const moreFollows = 0x8000; // MSG_MORE

const nothing = (): void => undefined;
const nobody: Receiver = { onBytes: nothing, onEnd: nothing, onDrain: nothing, onClose: nothing };

/**
 * A TCP connection, accepted or dialled, whose bytes are what the socket carries: it alone has a file descriptor. It reads
 * into one shared buffer, so that no Buffer is made per read. No type but this one passes for it, and nothing extends it:
 * what lies above a socket must not be sent past (the constructor is private, the handle hidden).
 */
export class RawConnection implements Connection {
  receiver: Receiver = nobody;
  closed = false;
  full = false;
  ended = false;
  paused = false;
  movedMs = performance.now();
  writeError: NodeJS.ErrnoException | undefined;
  /** Undefined once it is being closed. */
  #handle: TcpHandle | undefined;
  /**
   * The file descriptor, -1 until it stands and once it is closed. Each message asks for it several times, and the handle
   * would ask C++.
   */
  fd = -1;
  /** What it reads into. */
  private reads: Buffer;
  private pending: PendingWrites | undefined;
  private fin: 'none' | 'wanted' | 'sent' = 'none';
  private error: Error | undefined;
  private stopWatching: (() => void) | undefined;
  private readonly among: OpenCount | undefined;

  /** Over a socket that was accepted; reads at once. It counts `among` others until it is closed. */
  static accepted(handle: TcpHandle, among?: OpenCount): RawConnection {
    const connection = new RawConnection(handle, among);
    connection.connected();
    return connection;
  }

  /** Over one that is about to be connected; `connected` is to be called then. It counts `among` others until it is closed. */
  static dialled(handle: TcpHandle, among?: OpenCount): RawConnection {
    return new RawConnection(handle, among);
  }

  private constructor(handle: TcpHandle, among: OpenCount | undefined) {
    this.#handle = handle;
    this.among = among;
    if (among !== undefined) among.open++;
    this.reads = readBuffer();
    handle.reader = this;
    handle.onread = onRead;
    handle.useUserBuffer(this.reads);
  }

  /** It stands from now on; false when it is being closed already. */
  connected(): boolean {
    const handle = this.#handle;
    if (handle === undefined) return false;
    this.fd = handle.fd;
    if (!this.paused) this.read();
    if (this.fin === 'wanted') this.sendFin(handle);
    return true;
  }

  /** It stands and nothing waits to be written, so that bytes may go past libuv, straight to the kernel. */
  get idle(): boolean {
    return this.fd >= 0 && this.waiting === 0 && this.writeError === undefined;
  }

  /** How many writes libuv has not done yet. */
  private get waiting(): number {
    return this.pending === undefined ? 0 : this.pending.count;
  }

  /** Bytes that the peer's kernel has not confirmed yet, or have not left this process. */
  get undelivered(): number {
    return this.unsent + (this.fd < 0 ? 0 : queuedToSend(this.fd));
  }

  get unsent(): number {
    return this.#handle?.writeQueueSize ?? 0;
  }

  /**
   * Hands bytes to the kernel and returns how many it took: none while others wait to be written. `more`: others follow at
   * once, so it may hold these back for a fuller packet. A broken connection is destroyed, and takes everything.
   */
  send(bytes: Uint8Array, length: number, more: boolean): number {
    if (this.writeError !== undefined) return length;
    if (!this.idle) return 0;
    const sent = send(this.fd, bytes, length, withoutWaiting | (more ? moreFollows : 0));
    if (sent >= 0) return sent;
    if (wouldBlock()) return 0;
    this.failWrite(systemError('send'));
    return length;
  }

  /**
   * Nothing can be written any more: drops the connection, unless its receiver reads on. The kernel tells of an error but
   * once: the next read finds what has come, then the end.
   */
  failWrite(error: NodeJS.ErrnoException): void {
    if (this.receiver.readsOn === true) this.writeError ??= error;
    else this.destroy(error);
  }

  private read(): void {
    const failed = this.#handle?.readStart() ?? 0;
    if (failed < 0) this.destroy(uvError(failed, 'read'));
  }

  /** Something was read; what it returns is the buffer for the next read, undefined: the same. */
  onRead(length: number): Buffer | undefined {
    if (length === 0 || this.#handle === undefined) return undefined;
    clock.ms = performance.now();
    // A defect in one connection's handling costs that connection, never the process.
    try {
      if (length > 0) return this.onBytes(length);
      if (length !== endOfStream) throw uvError(length, 'read');
      this.ended = true;
      this.receiver.onEnd();
      if (this.fin === 'sent') this.destroy();
    } catch (error) {
      this.destroy(errorOf(error));
    }
    return undefined;
  }

  private onBytes(length: number): Buffer | undefined {
    this.movedMs = clock.ms;
    this.receiver.onBytes(this.reads, length);
    const next = this.receiver.nextBuffer?.() ?? readBuffer();
    if (next === this.reads) return undefined;
    this.reads = next;
    return next;
  }

  writeText(text: string): boolean {
    const handle = this.#handle;
    if (handle === undefined || this.writeError !== undefined) return true;
    return this.begun(this.pendingWrites().text(handle, text));
  }

  writeBytes(buffer: Buffer, start: number, end: number): boolean {
    if (this.#handle === undefined || this.writeError !== undefined) return true;
    this.movedMs = clock.ms;
    const copy = borrowCopy(end - start);
    buffer.copy(copy, 0, start, end);
    return this.queue(copy, end - start);
  }

  writeCopy(copy: Buffer, length: number, last = false): boolean {
    this.movedMs = clock.ms;
    const taken = this.send(copy, length, last);
    if (taken === length) {
      giveBackCopy(copy);
      return true;
    }
    const left = length - taken;
    // Little is copied, rather than have it hold much more than its size.
    if (left > copy.length / 2) {
      if (taken > 0) copy.copyWithin(0, taken, length);
      return this.queue(copy, left);
    }
    const room = this.writeBytes(copy, taken, length);
    giveBackCopy(copy);
    return room;
  }

  private queue(copy: Buffer, length: number): boolean {
    if (this.#handle !== undefined) return this.begun(this.pendingWrites().copy(this.#handle, copy, length));
    giveBackCopy(copy);
    return true;
  }

  private pendingWrites(): PendingWrites {
    this.pending ??= new PendingWrites((status) => this.onWritten(status));
    return this.pending;
  }

  /**
   * What waits here makes it full, however little it is: the kernel's buffer is enough to hold for a slow reader. Only the
   * drain undoes that, or a later write could make who waits for it wait for ever.
   */
  private begun(status: number): boolean {
    if (status < 0) this.failWrite(uvError(status, 'write'));
    else if (this.waiting > 0) this.full = true;
    return !this.full;
  }

  private onWritten(status: number): void {
    if (this.#handle === undefined) return;
    if (status < 0) this.failWrite(uvError(status, 'write'));
    if (!this.full || this.waiting > 0 || this.#handle === undefined) return;
    this.full = false;
    guard(this, () => this.receiver.onDrain());
  }

  limitUnsent(bytes: number): void {
    if (this.fd >= 0) limitUnsent(this.fd, bytes);
  }

  pause(): void {
    if (this.paused) return;
    this.paused = true;
    if (this.fd >= 0) this.#handle?.readStop();
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    if (this.fd >= 0 && !this.ended) this.read();
  }

  end(): void {
    if (this.fin !== 'none') return;
    this.fin = 'wanted';
    if (this.#handle !== undefined && this.fd >= 0) this.sendFin(this.#handle);
  }

  /** Behind what waits to be written. */
  private sendFin(handle: TcpHandle): void {
    if (this.waiting > 0) return this.pendingWrites().fin(handle, () => this.onFinSent());
    shutdownWrite(this.fd);
    this.onFinSent();
  }

  private onFinSent(): void {
    this.fin = 'sent';
    if (this.ended) this.destroy();
  }

  endBoth(): void {
    this.destroy();
  }

  /** As Connection.destroy; `error` is what the receiver's onClose hears. */
  destroy(error?: Error): void {
    const handle = this.#handle;
    if (handle === undefined) return;
    this.#handle = undefined;
    this.fd = -1;
    this.error = error;
    handle.close();
    // libuv would tell as well, by one more call from C++ for each connection.
    queueMicrotask(() => this.onClosed());
  }

  private onClosed(): void {
    clock.ms = performance.now();
    this.closed = true;
    if (this.among !== undefined) this.among.open--;
    this.stopWatching?.();
    this.receiver.onClose(this.error);
  }

  reset(): void {
    // libuv's own uv_tcp_close_reset never closes a socket whose FIN is under way.
    if (this.fd >= 0) resetOnClose(this.fd);
    this.destroy();
  }

  keepAlive(delayMs: number): void {
    this.#handle?.setKeepAlive(true, Math.floor(delayMs / 1000));
  }

  watchForReset(): void {
    if (!this.closed) this.stopWatching ??= watchForError(this, () => this.destroy(new Error('reset by the peer')));
  }

  stillStands(): boolean {
    return isAlive(this.fd);
  }
}

/** For every handle; called with the handle as `this`. */
function onRead(this: TcpHandle): Buffer | undefined {
  return (this.reader as RawConnection).onRead(lastRead());
}

/** The connection itself where its bytes are what the socket carries; undefined where another layer lies between. */
export function asRaw(connection: Connection): RawConnection | undefined {
  return connection instanceof RawConnection ? connection : undefined;
}
