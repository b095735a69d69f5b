import type { Redirect } from '../model.ts';
import { rewritePath } from './rewrite.ts';

/** What a redirect needs to know of the request. */
export type RedirectRequest = {
  /** Of the target URI: an absolute target or `:scheme` may say another one than the connection's. */
  readonly scheme: Scheme;
  /** Host header or `:authority`, with or without port; what the client connected to when the request had none. */
  readonly authority: string;
  /** As received, without query. */
  readonly path: string;
  /** As received, without the `?`; `undefined` where there is none. */
  readonly query: string | undefined;
  /** The port that the client connected to: a listener's in a gateway, the Service port in the mesh. */
  readonly listenerPort: number;
  /** What is spoken there. */
  readonly listenerScheme: Scheme;
};

type Scheme = 'http' | 'https';

/**
 * The `Location` of a redirect (https://gateway-api.sigs.k8s.io/reference/spec/#httprequestredirectfilter). The query is
 * kept. The port is the filter's, else the well-known one of the filter's scheme, else the listener's, and is left out
 * where it is the scheme's default. Where the target URI has another scheme than the listener, whose port then says nothing,
 * it is the URI's own (RFC 9110 section 7.1). `*`, which means the whole server (OPTIONS), is no path: none is replaced or written.
 */
export function redirectLocation(
  redirect: Redirect,
  request: RedirectRequest,
  matchedPrefix: string | undefined,
): string {
  const host = redirect.hostname ?? hostOf(request.authority);
  const scheme = redirect.scheme ?? request.scheme;
  const port = redirect.port ?? (redirect.scheme === undefined ? portOf(request) : defaultPorts[scheme]);
  return `${scheme}://${host}${port === defaultPorts[scheme] ? '' : `:${port}`}${targetOf(redirect, request, matchedPrefix)}`;
}

function targetOf({ path: modifier }: Redirect, { path, query }: RedirectRequest, matchedPrefix: string | undefined) {
  if (!path.startsWith('/')) return '';
  const target = modifier === undefined ? path : rewritePath(modifier, path, matchedPrefix);
  return query === undefined ? target : `${target}?${query}`;
}

const defaultPorts = { http: 80, https: 443 } as const;

function portOf({ scheme, authority, listenerPort, listenerScheme }: RedirectRequest): number {
  if (scheme === listenerScheme) return listenerPort;
  return Number(/:(\d+)$/.exec(authority)?.[1] ?? defaultPorts[scheme]);
}

/** The authority without its port; an IPv6 address keeps its brackets. */
function hostOf(authority: string): string {
  return authority.replace(/:\d*$/, '');
}
