import type { MatchRequest } from './request.ts';

/**
 * The request that a preflight announces (https://fetch.spec.whatwg.org/#cors-preflight-fetch), as far as it is known: its
 * method and target; of its header fields a preflight has the names only. Undefined for what is no preflight.
 */
export function announcedBy(request: MatchRequest): MatchRequest | undefined {
  const { headers } = request;
  if (request.method !== 'OPTIONS' || headers.get('origin') === undefined) return undefined;
  const method = headers.get('access-control-request-method');
  if (method === undefined) return undefined;
  const { path, query, authority = '' } = request;
  return { method, path, query, authority, headers };
}
