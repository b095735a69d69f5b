import { Fields } from './fields.ts';

/** A request as every protocol hands it to an exchange. Framing is not in `headers`: it is in `bodyLength`. */
export class RequestHead {
  method = '';
  /** `http`; what a gateway or TLS would make `https`. */
  scheme = 'http';
  /** Host and port as the client wrote them; empty only in HTTP/1.0 without Host. */
  authority = '';
  /** As received: no decoding, no normalising. */
  path = '';
  /** Without `?`; `hasQuery` tells an empty query from none. */
  query = '';
  hasQuery = false;
  /** Bytes of the body, -1 for a body of unknown length, 0 for none. */
  bodyLength = 0;
  /** A Content-Length of 0 was sent and is to be sent on. */
  explicitLength = false;
  expectContinue = false;
  readonly headers = new Fields();

  /** Lets go of the text of the message: a connection that waits for the next one holds no memory of the last. */
  release(): void {
    this.authority = '';
    this.path = '';
    this.query = '';
    this.headers.reset('');
  }
}

/** A final or informational response. */
export class ResponseHead {
  status = 0;
  reason = '';
  /** Bytes of the body, -1 for unknown. What Content-Length said, also where no body follows (HEAD, 304). */
  bodyLength = -1;
  readonly headers = new Fields();

  /** As RequestHead.release. */
  release(): void {
    this.reason = '';
    this.headers.reset('');
  }
}
