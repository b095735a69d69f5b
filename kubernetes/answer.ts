import type { Dispatcher } from 'undici';
import { fieldsOf, numberOf, textOf } from '../runtime/json.ts';
import { ApiError, type ApiRequest } from './api.ts';

/** A page of a list has a few megabytes; more than this is no answer of an API server. */
const maximumBytes = 256 * 1024 * 1024;
const maximumErrorBytes = 64 * 1024;

/** The JSON of a 2xx answer; `undefined` when it has no body. Rejects when it is no JSON. */
export async function readJson({ body }: Dispatcher.ResponseData): Promise<unknown> {
  const text = await readText(body, maximumBytes);
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Error('the answer is no JSON; is this a Kubernetes API server?', { cause: error });
  }
}

/** What an answer that is not 2xx says, from its Status object if it has one. */
export async function readError(request: ApiRequest, response: Dispatcher.ResponseData): Promise<ApiError> {
  const text = await readText(response.body, maximumErrorBytes).catch(() => '');
  const status = parseStatus(text);
  const said = status.message ?? (text.trim().slice(0, 200) || 'no reason given');
  const message = `${request.method ?? 'GET'} ${request.path}: ${response.statusCode} ${said}`;
  const retryAfter = Number(response.headers['retry-after'] ?? status.retryAfterSeconds ?? Number.NaN);
  const retryAfterMs = retryAfter >= 0 ? retryAfter * 1000 : undefined;
  return new ApiError(response.statusCode, status.reason ?? reasonOf(response.statusCode), message, retryAfterMs);
}

type Status = {
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
};

/** The fields of a Status object that we read; none of them when the text is something else. */
export function parseStatus(value: unknown): Status {
  const object = fieldsOf(typeof value === 'string' ? tryJson(value) : value);
  return {
    reason: textOf(object, 'reason') || undefined,
    message: textOf(object, 'message') || undefined,
    retryAfterSeconds: numberOf(fieldsOf(object['details']), 'retryAfterSeconds'),
  };
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where a proxy answered in place of the API server. */
function reasonOf(status: number): string {
  const known: Readonly<Record<number, string>> = {
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    409: 'Conflict',
    410: 'Expired',
    429: 'TooManyRequests',
    503: 'ServiceUnavailable',
  };
  return known[status] ?? 'Unknown';
}

async function readText(body: Dispatcher.ResponseData['body'], limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > limit) throw new Error(`the answer is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
