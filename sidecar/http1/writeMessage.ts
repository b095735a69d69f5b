import type { Connection } from '../socket/connection.ts';
import { latin1 } from '../socket/latin1.ts';

// Up to here a piece is written as text together with what surrounds it; larger ones are copied as bytes.
const maxTextPiece = 16_384;

/**
 * Writes HTTP/1.1 messages: holds back small pieces until `flush`, so that a head and the body that came with it leave
 * in one write, and puts on the framing that the message needs.
 */
export class MessageWriter {
  private pending = '';
  private chunked = false;
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** A whole head, with its empty line. `chunked`: how the body that follows is framed. */
  head(text: string, framing: { readonly chunked: boolean }): void {
    this.pending += text;
    this.chunked = framing.chunked;
  }

  /** False: wait for the connection's drain. */
  body(buffer: Buffer, start: number, end: number): boolean {
    const length = end - start;
    if (length === 0) return true;
    if (this.chunked) this.pending += `${length.toString(16)}\r\n`;
    if (length <= maxTextPiece) {
      this.pending += latin1(buffer, start, end);
      if (this.chunked) this.pending += '\r\n';
      return this.pending.length <= maxTextPiece || this.flush();
    }
    this.flush();
    const room = this.connection.writeBytes(buffer, start, end);
    if (this.chunked) this.pending = '\r\n';
    return room;
  }

  /** Ends a chunked body; `trailers` are whole field lines. */
  end(trailers: string): void {
    if (this.chunked) this.pending += `0\r\n${trailers}\r\n`;
    this.chunked = false;
  }

  flush(): boolean {
    if (this.pending === '') return true;
    const text = this.pending;
    this.pending = '';
    return this.connection.writeText(text);
  }
}
