import type { Dispatcher, Pool } from 'undici';
import { ApiError, type ApiRequest } from './api.ts';
import type { Credentials } from './credentials.ts';
import { readError, readJson } from './answer.ts';
import { patientTimer } from './patientTimer.ts';
import { retryDelayMs } from './retry.ts';
import { sleep } from './sleep.ts';

/** One API server as one set of credentials reaches it. */
export type Exchange = {
  readonly pool: Pool;
  /** What stands before `/api`, without a slash at its end. */
  readonly basePath: string;
  readonly credentials: Credentials;
  readonly userAgent: string;
};

/** The second for servers that cannot leave the rest out. */
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1, application/json';

const defaultTimeoutMs = 10_000;

/** Until the head of a stream's answer is there; the API server sends it at once, also when it has no events. */
const streamHeadTimeoutMs = 30_000;

/** `Api.request`: repeats what may be repeated, within the request's time. */
export async function requestJson(exchange: Exchange, request: ApiRequest): Promise<unknown> {
  const timeoutMs = request.timeoutMs ?? defaultTimeoutMs;
  const deadline = performance.now() + timeoutMs;
  const late = new AbortController();
  const stopTimer = patientTimer(timeoutMs, () => late.abort());
  const timeout = late.signal;
  const signal = request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]);
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await readJson(await send(exchange, request, signal));
      } catch (error) {
        const delayMs = retryDelayMs(request.method ?? 'GET', error, attempt);
        const isLate = delayMs === undefined || performance.now() + delayMs >= deadline;
        if (isLate || signal.aborted) throw timeout.aborted ? timedOut(request, timeoutMs, error) : error;
        await sleep(delayMs, signal);
      }
    }
  } finally {
    stopTimer();
  }
}

/** `Api.stream`: one attempt; who follows a stream knows better from where to go on. */
export async function requestStream(exchange: Exchange, request: ApiRequest): Promise<AsyncIterable<Uint8Array>> {
  const head = new AbortController();
  const stopTimer = patientTimer(streamHeadTimeoutMs, () => head.abort(timedOut(request, streamHeadTimeoutMs)));
  const signal = request.signal === undefined ? head.signal : AbortSignal.any([request.signal, head.signal]);
  try {
    return (await send(exchange, request, signal)).body;
  } finally {
    stopTimer();
  }
}

/** Sends a request, with a fresh token once more after a 401. The answer is 2xx; its body is unread. */
async function send(exchange: Exchange, request: ApiRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  for (const last of ['accepted', 'refused'] as const) {
    const response = await exchange.pool.request({
      method: request.method ?? 'GET',
      path: exchange.basePath + request.path,
      query: definedOnly(request.query),
      headers: {
        accept: request.only === 'metadata' ? metadataOnly : 'application/json',
        'user-agent': exchange.userAgent,
        ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
        ...(await exchange.credentials.headers(last)),
      },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal,
    });
    if (response.statusCode >= 200 && response.statusCode < 300) return response;
    const error = await readError(request, response);
    if (error.status !== 401 || last === 'refused') throw error;
  }
  throw new ApiError(401, 'Unauthorized', 'unreachable: the loop above returns or throws');
}

function definedOnly(query: ApiRequest['query']): Record<string, string> {
  const entries = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function timedOut(request: ApiRequest, timeoutMs: number, cause?: unknown): Error {
  return new Error(`${request.method ?? 'GET'} ${request.path}: no answer within ${timeoutMs} ms`, { cause });
}
