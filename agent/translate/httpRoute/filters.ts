import type { PathModifier, RedirectStatus } from '../../../routing/model.ts';
import type {
  HTTPPathModifier,
  HTTPRequestRedirectFilter,
  HTTPRouteFilter,
  HTTPURLRewriteFilter,
} from '../../objects/types.ts';
import type { UnresolvedFilter } from '../unresolved.ts';
import { type Checked, findUnknown, missing, wrong } from '../rules/checked.ts';
import { type FilterPlace, translateCommonFilter } from '../rules/filter.ts';
import { translateCORS } from './cors.ts';

/** A filter of an HTTPRoute, or why it cannot be done. */
export function translateFilter(filter: HTTPRouteFilter, place: FilterPlace): Checked<UnresolvedFilter> {
  if (filter.strayFields.length > 0) return translateCommonFilter(filter);
  switch (filter.type) {
    case 'RequestRedirect':
      if (place.on === 'backend')
        return wrong('filter RequestRedirect cannot stand on a backendRef; move it to a rule');
      return filter.requestRedirect
        ? translateRedirect(filter.requestRedirect, place)
        : missing(filter.type, 'requestRedirect');
    case 'URLRewrite':
      return filter.urlRewrite ? translateRewrite(filter.urlRewrite, place) : missing(filter.type, 'urlRewrite');
    case 'CORS':
      if (place.on === 'backend') return wrong('filter CORS cannot stand on a backendRef; move it to a rule');
      return filter.cors ? translateCORS(filter.cors) : missing(filter.type, 'cors');
    default:
      return translateCommonFilter(filter);
  }
}

function translateRedirect(redirect: HTTPRequestRedirectFilter, place: FilterPlace): Checked<UnresolvedFilter> {
  const { scheme, hostname, port, statusCode } = redirect;
  const unknown = findUnknown('filter RequestRedirect', redirect.unknownFields);
  if (unknown !== undefined) return unknown;
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') {
    return wrong(`filter RequestRedirect has the scheme ${scheme}; use http or https`);
  }
  const status = redirectStatuses.find((known) => known === statusCode);
  if (status === undefined) {
    return wrong(`filter RequestRedirect has the statusCode ${statusCode}; use one of ${redirectStatuses.join(', ')}`);
  }
  if (hostname !== undefined && !isHostname(hostname)) return wrongHostname('RequestRedirect', hostname);
  const path = translatePath('RequestRedirect', redirect.path, place);
  if (!path.ok) return path;
  return {
    ok: true,
    value: {
      type: 'RequestRedirect',
      ...(scheme !== undefined && { scheme }),
      ...(hostname !== undefined && { hostname }),
      ...(port !== undefined && { port }),
      ...(path.value !== undefined && { path: path.value }),
      statusCode: status,
    },
  };
}

const redirectStatuses: readonly RedirectStatus[] = [301, 302, 303, 307, 308];

function translateRewrite(rewrite: HTTPURLRewriteFilter, place: FilterPlace): Checked<UnresolvedFilter> {
  const { hostname } = rewrite;
  const unknown = findUnknown('filter URLRewrite', rewrite.unknownFields);
  if (unknown !== undefined) return unknown;
  if (hostname !== undefined && !isHostname(hostname)) return wrongHostname('URLRewrite', hostname);
  const path = translatePath('URLRewrite', rewrite.path, place);
  if (!path.ok) return path;
  return {
    ok: true,
    value: {
      type: 'URLRewrite',
      ...(hostname !== undefined && { hostname }),
      ...(path.value !== undefined && { path: path.value }),
    },
  };
}

function translatePath(
  filter: string,
  path: HTTPPathModifier | undefined,
  place: FilterPlace,
): Checked<PathModifier | undefined> {
  if (path === undefined) return { ok: true, value: undefined };
  if (path.type === 'Unknown') return wrong(`filter ${filter} has the path type ${path.name}, which is not supported`);
  if (path.type === 'ReplacePrefixMatch' && !place.prefixMatches) {
    return wrong(`filter ${filter} has ReplacePrefixMatch; give the rule a match of type PathPrefix and no other`);
  }
  // It becomes part of a request line or of a Location header.
  if (!/^[\x21-\x7e]*$/.test(path.value))
    return wrong(`filter ${filter} has a path with spaces or other characters that must be percent-encoded`);
  return { ok: true, value: { type: path.type, value: path.value.startsWith('/') ? path.value : `/${path.value}` } };
}

/** A PreciseHostname: https://gateway-api.sigs.k8s.io/reference/spec/#precisehostname */
function isHostname(hostname: string): boolean {
  return hostname.length <= 253 && /^[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)*$/.test(hostname);
}

function wrongHostname(filter: string, hostname: string): Checked<never> {
  return wrong(`filter ${filter} has the hostname ${JSON.stringify(hostname)}; give a lower-case name without port`);
}
