import tls from 'node:tls';
import { resetOnClose } from '../../../proxy/libc.ts';
import { isAlive } from '../../../proxy/socket/alive.ts';
import { clock } from '../../../proxy/socket/clock.ts';
import type { Connection, Receiver } from '../../../proxy/socket/connection.ts';
import { giveBackCopy } from '../../../proxy/socket/copies.ts';
import { watchForError } from '../../../proxy/socket/gone.ts';
import { fdOf } from '../takeOver.ts';

const nobody: Receiver = {
  onBytes: () => undefined,
  onEnd: () => undefined,
  onDrain: () => undefined,
  onClose: () => undefined,
};

/**
 * A Connection over Node's own TLS, for tests alone: it has what a raw one has, a socket with a real descriptor, so that
 * bytes which go past it reach the wire as they are.
 */
export class TlsConnection implements Connection {
  receiver: Receiver = nobody;
  closed = false;
  full = false;
  ended = false;
  paused = false;
  movedMs = performance.now();
  readonly socket: tls.TLSSocket;
  private error: Error | undefined;
  private stopWatching: (() => void) | undefined;

  constructor(socket: tls.TLSSocket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => {
      clock.ms = performance.now();
      this.receiver.onBytes(bytes, bytes.length);
    });
    socket.on('end', () => {
      this.ended = true;
      this.receiver.onEnd();
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('close', () => {
      this.closed = true;
      this.stopWatching?.();
      this.receiver.onClose(this.error);
    });
  }

  get fd(): number {
    return fdOf(this.socket);
  }

  get unsent(): number {
    return this.socket.writableLength;
  }

  writeText(text: string): boolean {
    return this.write(Buffer.from(text, 'latin1'));
  }

  writeBytes(buffer: Buffer, start: number, end: number): boolean {
    return this.write(Buffer.from(buffer.subarray(start, end)));
  }

  writeCopy(copy: Buffer, length: number): boolean {
    const room = this.write(Buffer.from(copy.subarray(0, length)));
    giveBackCopy(copy);
    return room;
  }

  private write(bytes: Buffer): boolean {
    if (this.closed) return true;
    this.socket.write(bytes, (error) => {
      if (error || !this.full || this.socket.writableLength > 0) return;
      this.full = false;
      this.receiver.onDrain();
    });
    this.full ||= this.socket.writableLength > 0;
    return !this.full;
  }

  pause(): void {
    this.paused = true;
    this.socket.pause();
  }

  resume(): void {
    this.paused = false;
    if (!this.closed) this.socket.resume();
  }

  end(): void {
    this.socket.end();
  }

  endBoth(): void {
    this.socket.destroySoon();
  }

  destroy(): void {
    this.socket.destroy();
  }

  reset(): void {
    if (this.fd >= 0) resetOnClose(this.fd);
    this.socket.destroy();
  }

  limitUnsent(): void {}

  keepAlive(delayMs: number): void {
    this.socket.setKeepAlive(true, delayMs);
  }

  watchForReset(): void {
    this.stopWatching ??= watchForError(this, () => this.socket.destroy(new Error('reset by the peer')));
  }

  stillStands(): boolean {
    return !this.socket.destroyed && isAlive(this.fd);
  }
}
