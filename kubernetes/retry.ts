import { ApiError } from './api.ts';

const attempts = 4;
const longestWaitMs = 5000;

/**
 * How long to wait before a failed request is sent again, undefined when it must not be. 429 says that nothing was
 * done; after anything else only a GET is safe.
 */
export function retryDelayMs(method: string, error: unknown, attempt: number): number | undefined {
  if (attempt >= attempts) return undefined;
  if (!(error instanceof ApiError)) return method === 'GET' && isLost(error) ? backOffMs(attempt) : undefined;
  const mayRepeat = error.status === 429 || (method === 'GET' && passing.has(error.status));
  if (!mayRepeat) return undefined;
  return Math.min(error.retryAfterMs ?? 0, longestWaitMs) + backOffMs(attempt);
}

/** Answers of a server that starts, is overloaded or has lost its etcd. */
const passing = new Set([500, 502, 503, 504]);

function backOffMs(attempt: number): number {
  return 50 * 2 ** attempt * (0.5 + Math.random() / 2);
}

/** A connection that was closed while it was idle, or a server that is just being restarted. */
function isLost(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && lostCodes.has(code);
}

const lostCodes = new Set(['UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'ECONNRESET', 'ECONNREFUSED', 'EPIPE']);
