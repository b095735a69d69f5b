import type { ResponseHead } from '../message/head.ts';
import type { Connection } from '../socket/connection.ts';
import { Expiring } from '../socket/deadlines.ts';
import { composeResponse } from './composeHead.ts';
import { RequestReader } from './requestReader.ts';
import { MessageWriter } from './writeMessage.ts';

/** What a client's connection does for a response that has nothing to do with the state of its requests. */
export abstract class ResponseWriting extends Expiring {
  readonly connection: Connection;
  /** The endpoint has asked for the body of the request. */
  protected continued = false;
  protected readonly request = new RequestReader();
  protected readonly writer: MessageWriter;

  constructor(connection: Connection) {
    super();
    this.connection = connection;
    this.writer = new MessageWriter(connection);
  }

  get untaken(): number {
    return this.connection.unsent;
  }

  informational(head: ResponseHead): void {
    if (!this.request.framing.http11) return;
    this.continued ||= head.status === 100;
    this.writer.head(composeResponse(head, { connection: undefined, body: 'none' }), { chunked: false });
  }

  takeBack(): boolean {
    return this.writer.takeBack();
  }

  body(buffer: Buffer, start: number, end: number): boolean {
    return this.writer.body(buffer, start, end);
  }

  flush(): boolean {
    return this.writer.flush();
  }

  pauseRequest(): void {
    this.connection.pause();
  }

  resumeRequest(): void {
    this.connection.resume();
  }
}
