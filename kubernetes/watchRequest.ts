import { fieldsOf, numberOf } from '../runtime/json.ts';
import { parseStatus } from './answer.ts';
import { type Api, ApiError, type ApiRequest } from './api.ts';
import { readJsonLines } from './jsonLines.ts';
import { asRawObject, type RawObject } from './rawObject.ts';
import { watchdog } from './watchdog.ts';

export type WatchMessage = { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: RawObject };

export type WatchRequest = {
  readonly path: string;
  readonly query: NonNullable<ApiRequest['query']>;
  readonly signal: AbortSignal;
  /** How long no byte may come before the watch counts as dead; asked anew at each byte. */
  readonly stallMs: () => number;
};

/**
 * The messages of one watch until the server ends it. Throws ApiError for an answer that is not 2xx and for an ERROR
 * message, SilenceError for a stall after the answer's head, another Error for lost I/O and what is no message.
 */
export async function* requestWatch(api: Api, request: WatchRequest): AsyncGenerator<WatchMessage, void> {
  const { path, query, stallMs } = request;
  const dog = watchdog(request.signal, stallMs);
  let hasHead = false;
  try {
    const body = await api.stream({
      path,
      query: { ...query, watch: true, allowWatchBookmarks: true },
      signal: dog.signal,
    });
    hasHead = true;
    for await (const value of readJsonLines(dog.guard(body))) yield decodeMessage(path, value);
  } catch (error) {
    const { failure } = dog;
    throw failure === undefined || hasHead ? (failure ?? error) : new Error(failure.message, { cause: error });
  } finally {
    dog.stop();
  }
}

const types = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'] as const;

function decodeMessage(path: string, value: unknown): WatchMessage {
  const message = fieldsOf(value);
  if (message['type'] === 'ERROR') throw decodeError(path, message['object']);
  const type = types.find((known) => known === message['type']);
  if (type === undefined) throw new Error(`the watch of ${path} sent what is no event`);
  return { type, object: asRawObject(message['object']) };
}

function decodeError(path: string, object: unknown): ApiError {
  const code = numberOf(fieldsOf(object), 'code') ?? 500;
  const { reason = 'Unknown', message = 'no reason given', retryAfterSeconds } = parseStatus(object);
  const retryAfterMs = retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000;
  return new ApiError(code, reason, `watch of ${path}: ${code} ${message}`, retryAfterMs);
}
