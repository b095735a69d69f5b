import type { Flag } from '../observe/flags.ts';
import type { GRPCStatus } from '../observe/grpcStatus.ts';
import type { Connection } from '../socket/connection.ts';
import type { Fields } from './fields.ts';
import type { RequestHead, ResponseHead } from './head.ts';

/** How one half of an exchange ended early, for the other half and the log. */
export type Failure = {
  readonly flag: Flag;
  /** What a downstream that has had no response yet is answered. */
  readonly status: number;
  readonly reason: string;
  /** What an RPC is answered, where that is more than `status` tells. */
  readonly rpcStatus?: GRPCStatus | undefined;
  /** With which code of HTTP/2 its side has reset the stream, where it did. */
  readonly code?: number | undefined;
};

/**
 * Whether the application of an endpoint has seen a request: `Never`, for no connection was established; `Perhaps`, for
 * not one byte of a response came; `Surely`, for a response had begun.
 */
export type Reached = 'Never' | 'Perhaps' | 'Surely';

export type UpstreamFailure = Failure & {
  readonly reached: Reached;
  /**
   * The connection had served before: it may have been closed for its age alone. With `Never`: the endpoint has declared
   * that it has not looked at the request, which says nothing against it.
   */
  readonly aged: boolean;
  /** In this protocol the endpoint offers no upgrade: it has not seen the request. */
  readonly notOffered?: boolean;
};

/** A connection on which another protocol is spoken from now on, and what has come of that already. */
export type Upgraded = { readonly connection: Connection; readonly first: Buffer };

/** What waits in something, in bytes of memory, and how it is ended where that is too much. */
export interface Held {
  readonly held: number;
  shed(): void;
}

/** How that ended. */
export type UpgradeEnd = {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly flag: Flag | undefined;
  readonly reason: string | undefined;
};

/**
 * The side that called us, as a protocol codec offers it to an exchange. What is written may be held back until `flush`,
 * so that head and body leave in one write.
 */
export interface Downstream {
  /** A measure of what waits in this process of its response: while it changes the client takes something. */
  readonly untaken: number;
  informational(head: ResponseHead): void;
  respond(head: ResponseHead): void;
  /**
   * Answers 101 and joins its connection with that of the endpoint (one of this protocol alone, or a stream of it as in
   * RFC 8441). Nothing is called back any more but `onEnd`, once.
   */
  upgrade(head: ResponseHead, endpoint: Upgraded, onEnd: (end: UpgradeEnd) => void): void;
  /** Takes back a response of which nothing has left yet, so that another can be given; false when something has. */
  takeBack(): boolean;
  /** Borrowed bytes. False: stop reading the response until the exchange's onDownstreamDrain. */
  body(buffer: Buffer, start: number, end: number): boolean;
  /** The response is complete. */
  end(trailers: Fields | undefined): void;
  /** False as for `body`. */
  flush(): boolean;
  /** The response is cut off: the client must notice, and is told why as far as its protocol can say it. */
  abort(why: Failure): void;
  /** Reads no more of this request: a connection that carries one at a time closes behind the response. */
  giveUpRequest(): void;
  pauseRequest(): void;
  resumeRequest(): void;
}

/** The side that we call, bound to one exchange. The same rules as Downstream. */
export interface Upstream {
  /** Bytes of memory that wait in it, either way. */
  readonly held: number;
  /** Whether its connection stands; if not, the receiver's onUpstreamConnect or onUpstreamFailure comes. */
  readonly connected: boolean;
  /** Comes first: what arrives from now on is this exchange's. */
  bind(receiver: ResponseReceiver): void;
  request(head: RequestHead): void;
  body(buffer: Buffer, start: number, end: number): boolean;
  end(trailers: Fields | undefined): void;
  /** False as for `body`. */
  flush(): boolean;
  /** The exchange is given up, since the client's side ended so, if that is why: nothing of it is called back any more. */
  abort(why?: Failure): void;
  pauseResponse(): void;
  resumeResponse(): void;
}

/** What a Downstream codec calls. */
export interface RequestReceiver {
  /** Bytes of memory that wait in it and behind it. */
  readonly held: number;
  onRequestData(buffer: Buffer, start: number, end: number): void;
  onRequestEnd(trailers: Fields | undefined): void;
  /** The bytes read so far are all handed over: write out what is held back. */
  onRequestFlush(): void;
  /** The client went away, or sent something that cannot be understood. */
  onRequestFailure(failure: Failure): void;
  onDownstreamDrain(): void;
}

/** What an Upstream codec calls. */
export interface ResponseReceiver {
  onUpstreamConnect(): void;
  /** It is handed back, for its connection has no room, and nothing was sent: it waits for another. False: it must not. */
  onUpstreamFull(): boolean;
  onInformational(head: ResponseHead): void;
  onResponse(head: ResponseHead): void;
  /** A 101 that the request asked for. The connection is the receiver's: the codec has no part in it any more. */
  onUpgrade(head: ResponseHead, endpoint: Upgraded): void;
  onResponseData(buffer: Buffer, start: number, end: number): void;
  onResponseEnd(trailers: Fields | undefined): void;
  onResponseFlush(): void;
  onUpstreamFailure(failure: UpstreamFailure): void;
  onUpstreamDrain(): void;
}
