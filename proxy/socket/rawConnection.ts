import net from 'node:net';
import { queuedToSend, receive, resetOnClose, send, systemError, wouldBlock, limitUnsent } from '../libc.ts';
import { isAlive } from './alive.ts';
import { clock } from './clock.ts';
import type { Connection, Receiver } from './connection.ts';
import { borrowCopy, giveBackCopy } from './copies.ts';
import { watchForError } from './gone.ts';
import { fdOf, handleOf } from './handle.ts';
import { noteHeld, pressure } from './held.ts';

/** Every raw connection reads into this one buffer unless its receiver brings its own. */
export const sharedBuffer = Buffer.allocUnsafeSlow(65_536);
/** And into this one while too much waits. */
export const smallBuffer = Buffer.allocUnsafeSlow(4096);

const withoutWaiting = 0x40 | 0x4000; // MSG_DONTWAIT, MSG_NOSIGNAL
const moreFollows = 0x8000; // MSG_MORE
// More than this of what a peer has sent before it broke off is not read.
const maxRestBytes = 1_048_576;

const nobody: Receiver = {
  onBytes: () => undefined,
  onEnd: () => undefined,
  onDrain: () => undefined,
  onClose: () => undefined,
};

/**
 * A TCP connection, accepted or dialled, whose bytes are what the socket carries: it alone has a file descriptor. It reads
 * into one shared buffer (`onread`), so that no Buffer is made per read. No type but this one passes for it, and nothing
 * extends it: what lies above a socket must not be sent past (the constructor is private, the socket hidden).
 */
export class RawConnection implements Connection {
  receiver: Receiver = nobody;
  closed = false;
  full = false;
  ended = false;
  paused = false;
  movedMs = performance.now();
  writeError: NodeJS.ErrnoException | undefined;
  readonly #socket: net.Socket;
  private error: Error | undefined;
  private stopWatching: (() => void) | undefined;
  private readonly copies: Buffer[] = [];
  /** What it reads into, unless its receiver brings its own. */
  private reads: Buffer | undefined;

  /** `makeSocket` makes the socket with the given onread option; see accept.ts and dial.ts. */
  static over(makeSocket: (onread: net.OnReadOpts) => net.Socket): RawConnection {
    return new RawConnection(makeSocket);
  }

  private constructor(makeSocket: (onread: net.OnReadOpts) => net.Socket) {
    const socket = makeSocket({
      buffer: () => (this.receiver.nextBuffer?.() ?? this.nextBuffer()) as Buffer,
      callback: (length, buffer) => {
        clock.ms = performance.now();
        this.movedMs = clock.ms;
        this.deliver(buffer as Buffer, length);
        return true;
      },
    });
    this.#socket = socket;
    // Given once here, it is not checked anew with every write.
    socket.setDefaultEncoding('latin1');
    socket.on('end', () => {
      clock.ms = performance.now();
      this.ended = true;
      this.receiver.onEnd();
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('close', () => {
      clock.ms = performance.now();
      this.closed = true;
      this.stopWatching?.();
      this.receiver.onClose(this.error);
    });
  }

  /** The file descriptor, -1 once it is closed. */
  get fd(): number {
    return fdOf(this.#socket);
  }

  /** It stands and nothing waits to be written, so that bytes may go past Node, straight to the kernel. */
  get idle(): boolean {
    const socket = this.#socket;
    return !socket.destroyed && !socket.connecting && socket.writableLength === 0 && this.writeError === undefined;
  }

  /** Bytes that the peer's kernel has not confirmed yet, or have not left this process. */
  get undelivered(): number {
    return this.unsent + (this.fd < 0 ? 0 : queuedToSend(this.fd));
  }

  get unsent(): number {
    return this.#socket.writableLength + (handleOf(this.#socket)?.writeQueueSize ?? 0);
  }

  /**
   * Hands bytes to the kernel and returns how many it took: none while others wait to be written. `more`: others follow at
   * once, so it may hold these back for a fuller packet. A broken connection is destroyed, and takes everything.
   */
  send(bytes: Uint8Array, length: number, more: boolean): number {
    if (this.writeError !== undefined) return length;
    if (!this.idle) return 0;
    const sent = send(fdOf(this.#socket), bytes, length, withoutWaiting | (more ? moreFollows : 0));
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
    else this.#socket.destroy(error);
  }

  /** Null: the present one still. */
  private nextBuffer(): Buffer | null {
    const next = pressure.isHigh ? smallBuffer : sharedBuffer;
    if (next === this.reads) return null;
    this.reads = next;
    return next;
  }

  /** A defect in one connection's handling costs that connection, never the process. */
  private deliver(buffer: Buffer, length: number): void {
    try {
      this.receiver.onBytes(buffer, length);
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Node drops a socket at the first write that fails; before it does, what has come is read here, paused or not. */
  private readRest(error: Error): void {
    if (this.receiver.readsOn !== true || this.ended) return;
    // The first of several: a write that Node had begun fails before those behind it.
    this.writeError = error;
    let read = 0;
    for (let length = 1; length > 0 && read < maxRestBytes; read += length) {
      length = receive(this.fd, sharedBuffer, withoutWaiting);
      if (length > 0) this.deliver(sharedBuffer, length);
      if (length !== 0 || this.closed) continue;
      this.ended = true;
      this.receiver.onEnd();
    }
  }

  writeText(text: string): boolean {
    if (this.closed || this.writeError !== undefined) return true;
    this.#socket.write(text, this.onWritten);
    return this.hasRoom();
  }

  writeBytes(buffer: Buffer, start: number, end: number): boolean {
    if (this.closed || this.writeError !== undefined) return true;
    this.movedMs = clock.ms;
    const copy = borrowCopy(end - start);
    buffer.copy(copy, 0, start, end);
    return this.queue(copy, end - start);
  }

  writeCopy(copy: Buffer, length: number): boolean {
    this.movedMs = clock.ms;
    const taken = this.send(copy, length, false);
    if (taken === length) {
      giveBackCopy(copy);
      return true;
    }
    if (this.closed) return true;
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
    this.copies.push(copy);
    noteHeld(copy.length);
    this.#socket.write(length === copy.length ? copy : copy.subarray(0, length), this.onCopyWritten);
    return this.hasRoom();
  }

  /**
   * What waits here makes it full, however little it is: the kernel's buffer is enough to hold for a slow reader. Only the
   * drain undoes that, or a later write could make who waits for it wait for ever.
   */
  private hasRoom(): boolean {
    if (this.#socket.writableLength > 0) this.full = true;
    return !this.full;
  }

  /** Writes complete in order, so the oldest copy is the free one. */
  private readonly onCopyWritten = (error?: Error | null): void => {
    const copy = this.copies.shift();
    if (copy !== undefined) giveBackCopy(copy);
    this.onWritten(error);
  };

  private readonly onWritten = (error?: Error | null): void => {
    if (error) this.readRest(error);
    if (!this.full || error || this.#socket.writableLength > 0) return;
    this.full = false;
    this.receiver.onDrain();
  };

  limitUnsent(bytes: number): void {
    if (this.fd >= 0) limitUnsent(this.fd, bytes);
  }

  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    if (!this.closed) this.#socket.resume();
  }

  end(): void {
    if (!this.closed) this.#socket.end();
  }

  /** As Connection.destroy; `error` is what the receiver's onClose hears. */
  destroy(error?: Error): void {
    this.#socket.destroy(error);
  }

  reset(): void {
    // Node's own resetAndDestroy never closes a socket whose FIN is under way.
    if (!this.#socket.connecting && this.fd >= 0) resetOnClose(this.fd);
    this.#socket.destroy();
  }

  keepAlive(delayMs: number): void {
    this.#socket.setKeepAlive(true, delayMs);
  }

  watchForReset(): void {
    if (this.closed) return;
    this.stopWatching ??= watchForError(this, () => this.destroy(new Error('reset by the peer')));
  }

  stillStands(): boolean {
    return !this.#socket.destroyed && isAlive(this.fd);
  }
}

/** The connection itself where its bytes are what the socket carries; undefined where another layer lies between. */
export function asRaw(connection: Connection): RawConnection | undefined {
  return connection instanceof RawConnection ? connection : undefined;
}
