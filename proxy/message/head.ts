import { Fields } from './fields.ts';

/** Of the protocol in which a message came, as Via has it. */
export type HttpVersion = '1.0' | '1.1' | '2.0';

/** A request as every protocol hands it to an exchange. Framing is not in `headers`: it is in `bodyLength`. */
export class RequestHead {
  method = '';
  version: HttpVersion = '1.1';
  /** `http`; what an absolute target, a gateway or TLS may make `https`. */
  scheme: 'http' | 'https' = 'http';
  /** The whole target as received where it is absolute (`http://a/b?c`), which a forward proxy needs; else empty. */
  target = '';
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
  /** To what the client asks to upgrade, as its Upgrade field (in `headers` too) lists it; empty for nothing. */
  upgrade = '';
  /** A word for what it asked to upgrade to and is not passed on; empty for nothing. */
  upgradeDropped = '';
  /** Some of the fields is one of ours (ownFields.ts). */
  hasOwnFields = false;
  /** A request of gRPC over HTTP/2, by its content-type: its response ends with trailers that say how it went. */
  isRPC = false;
  /** It has a traceparent, valid or not. */
  isTraced = false;
  readonly headers: Fields;

  constructor(headers = new Fields()) {
    this.headers = headers;
  }

  /** One of its own for an attempt, which may change it. */
  copy(): RequestHead {
    const copy = new RequestHead(this.headers.copy());
    copy.method = this.method;
    copy.version = this.version;
    copy.scheme = this.scheme;
    copy.target = this.target;
    copy.authority = this.authority;
    copy.path = this.path;
    copy.query = this.query;
    copy.hasQuery = this.hasQuery;
    copy.bodyLength = this.bodyLength;
    copy.explicitLength = this.explicitLength;
    copy.expectContinue = this.expectContinue;
    copy.upgrade = this.upgrade;
    copy.upgradeDropped = this.upgradeDropped;
    copy.hasOwnFields = this.hasOwnFields;
    copy.isRPC = this.isRPC;
    copy.isTraced = this.isTraced;
    return copy;
  }

  /** Lets go of the text of the message: a connection that waits for the next one holds nothing of the last. */
  release(): void {
    this.method = '';
    this.target = '';
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
  version: HttpVersion = '1.1';
  /** Bytes of the body, -1 for unknown. What Content-Length said, also where no body follows (HEAD, 304). */
  bodyLength = -1;
  /** As RequestHead.hasOwnFields. */
  hasOwnFields = false;
  readonly headers = new Fields();

  /** As RequestHead.release. */
  release(): void {
    this.reason = '';
    this.headers.reset('');
  }
}
