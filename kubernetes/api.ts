import type { Duplex } from 'node:stream';

/** A request to the Kubernetes API. Paths begin with `/api` or `/apis`; bodies are JSON unless `contentType` says else. */
export type ApiRequest = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: 'application/json' | 'application/merge-patch+json' | 'application/apply-patch+yaml';
  /** Of a list, only the metadata of its objects: much less where they are large. */
  readonly only?: 'metadata';
  readonly signal?: AbortSignal;
  /** For the whole request, body included; 10,000 when left out. A stream has none. */
  readonly timeoutMs?: number;
};

/** A request that is to become a WebSocket. */
export type UpgradeRequest = {
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly subprotocol: string;
  readonly signal?: AbortSignal;
};

/** The Kubernetes API as one set of credentials reaches it. */
export type Api = {
  /** The decoded JSON body of a 2xx answer. Rejects with ApiError for every other answer, with another Error for lost I/O. */
  request(request: ApiRequest): Promise<unknown>;
  /** The body of a 2xx answer in pieces as they come, for watches; the same errors. Ends when the server ends it. */
  stream(request: ApiRequest): Promise<AsyncIterable<Uint8Array>>;
  /** The connection of a WebSocket that the API server has agreed to; what is sent on it is the caller's to say. */
  upgrade(request: UpgradeRequest): Promise<Duplex>;
  close(): Promise<void>;
};

/** An answer of the API server that is not 2xx. `reason` is that of its Status object, such as NotFound or Conflict. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly reason: string;
  /** How long the server asks to wait before the next attempt, if it does. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, reason: string, message: string, retryAfterMs?: number) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Whether an error is the API server's answer with that status. */
export function isApiStatus(error: unknown, status: number): boolean {
  return error instanceof ApiError && error.status === status;
}
