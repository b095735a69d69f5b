import type { Redirect } from '../model.ts';
import { rewritePath } from './rewrite.ts';

/** What a redirect needs to know of the request. */
export type RedirectRequest = {
  readonly scheme: 'http' | 'https';
  /** Host header or `:authority`, with or without port; what the client connected to when the request had none. */
  readonly authority: string;
  /** As received, without query. */
  readonly path: string;
  /** As received, without the `?`; `undefined` where there is none. */
  readonly query: string | undefined;
  /** The port that the client connected to: a listener's in a gateway, the Service port in the mesh. */
  readonly listenerPort: number;
};

/**
 * The `Location` of a redirect (https://gateway-api.sigs.k8s.io/reference/spec/#httprequestredirectfilter). The query is
 * kept. The port is the filter's, else the well-known one of the filter's scheme, else the listener's, and is left out
 * where it is the scheme's default. `*`, which means the whole server (OPTIONS), is no path: none is replaced or written.
 */
export function redirectLocation(
  redirect: Redirect,
  request: RedirectRequest,
  matchedPrefix: string | undefined,
): string {
  const host = redirect.hostname ?? hostOf(request.authority);
  const scheme = redirect.scheme ?? request.scheme;
  const port = redirect.port ?? (redirect.scheme === undefined ? request.listenerPort : defaultPorts[scheme]);
  return `${scheme}://${host}${port === defaultPorts[scheme] ? '' : `:${port}`}${targetOf(redirect, request, matchedPrefix)}`;
}

function targetOf({ path: modifier }: Redirect, { path, query }: RedirectRequest, matchedPrefix: string | undefined) {
  if (!path.startsWith('/')) return '';
  const target = modifier === undefined ? path : rewritePath(modifier, path, matchedPrefix);
  return query === undefined ? target : `${target}?${query}`;
}

const defaultPorts = { http: 80, https: 443 } as const;

/** The authority without its port; an IPv6 address keeps its brackets. */
function hostOf(authority: string): string {
  return authority.replace(/:\d*$/, '');
}
