import type { Connection } from '../socket/connection.ts';
import { borrowCopy, copyBytes } from '../socket/copies.ts';
import { putLatin1 } from '../socket/latin1.ts';
import { maxUnsentBytes } from './limits.ts';

// Up to here a piece is held back together with what surrounds it; larger ones leave at once.
const maxHeldPiece = 16_384;
// What bodies may bring before the kernel is told how little of them it is to take at a time.
const maxUnlimitedBytes = 65_536;

/**
 * Writes HTTP/1.1 messages: holds back small pieces until `flush`, so that a head and the body that came with it leave
 * in one write, and puts on the framing that the message needs. What is held stands in one pooled buffer, as bytes: a
 * string per message would be made, flattened and thrown away.
 */
export class MessageWriter {
  private held: Buffer | undefined;
  private length = 0;
  private chunked = false;
  /** Of all bodies so far. */
  private bodyBytes = 0;
  /** Where the last head stands in what is held; -1 once it has left. */
  private headAt = -1;
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** A whole head, with its empty line. `chunked`: how the body that follows is framed. */
  head(text: string, framing: { readonly chunked: boolean }): void {
    this.hold(text);
    this.headAt = this.length - text.length;
    this.chunked = framing.chunked;
  }

  /** Forgets the last head and what followed it; false when something of it has left. */
  takeBack(): boolean {
    if (this.headAt < 0) return false;
    this.length = this.headAt;
    this.headAt = -1;
    this.chunked = false;
    return true;
  }

  /** False: wait for the connection's drain. */
  body(buffer: Buffer, start: number, end: number): boolean {
    const length = end - start;
    if (length === 0) return true;
    const before = this.bodyBytes;
    this.bodyBytes += length;
    // Most connections have no such bodies, and asking costs each a system call.
    if (before <= maxUnlimitedBytes && this.bodyBytes > maxUnlimitedBytes) this.connection.limitUnsent(maxUnsentBytes);
    if (this.chunked) this.hold(`${length.toString(16)}\r\n`);
    if (length <= maxHeldPiece) {
      const room = this.roomFor(length);
      buffer.copy(room, this.length, start, end);
      this.length += length;
      if (this.chunked) this.hold('\r\n');
      return this.length <= maxHeldPiece || this.flush();
    }
    this.flush();
    const room = this.connection.writeBytes(buffer, start, end);
    if (this.chunked) this.hold('\r\n');
    return room;
  }

  /** Ends a chunked body; `trailers` are whole field lines. */
  end(trailers: string): void {
    if (this.chunked) this.hold(`0\r\n${trailers}\r\n`);
    this.chunked = false;
  }

  /** False: wait for the connection's drain. `last`: the connection's end follows in the same turn. */
  flush(last = false): boolean {
    const { held, length } = this;
    if (held === undefined) return true;
    this.held = undefined;
    this.length = 0;
    this.headAt = -1;
    return this.connection.writeCopy(held, length, last);
  }

  private hold(text: string): void {
    if (text.length > copyBytes) {
      this.flush();
      this.connection.writeText(text);
      return;
    }
    const room = this.roomFor(text.length);
    this.length += putLatin1(room, text, this.length);
  }

  private roomFor(bytes: number): Buffer {
    if (this.length + bytes > copyBytes) this.flush();
    return (this.held ??= borrowCopy(copyBytes));
  }
}
