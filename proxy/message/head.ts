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
  readonly headers: Fields;

  constructor(headers = new Fields()) {
    this.headers = headers;
  }

  /** One of its own for an attempt, which may change it. */
  copy(): RequestHead {
    const copy = new RequestHead(this.headers.copy());
    copy.method = this.method;
    copy.scheme = this.scheme;
    copy.authority = this.authority;
    copy.path = this.path;
    copy.query = this.query;
    copy.hasQuery = this.hasQuery;
    copy.bodyLength = this.bodyLength;
    copy.explicitLength = this.explicitLength;
    copy.expectContinue = this.expectContinue;
    return copy;
  }

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
