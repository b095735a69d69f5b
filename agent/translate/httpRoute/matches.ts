import type { HTTPPathMatch } from '../../../routing/model.ts';
import type { HTTPRouteMatch, HTTPRouteRule } from '../../objects/types.ts';
import {
  findUnknownInMatch,
  findWrongNamed,
  findWrongValue,
  type TranslatedMatch,
  translateHeaders,
  translateNamed,
} from '../rules/values.ts';

/** Matches that are left out stand for prefix `/`. */
export function translateMatches({ matches }: HTTPRouteRule): readonly TranslatedMatch[] {
  if (matches.length > 0) return matches.map(translateMatch);
  return [{ ok: true, match: { path: everyPath, headers: [], queryParams: [] } }];
}

const everyPath: HTTPPathMatch = { type: 'PathPrefix', value: '/' };

function translateMatch(match: HTTPRouteMatch): TranslatedMatch {
  const wrong = findWrong(match);
  if (wrong !== undefined) return { ok: false, message: wrong };
  return {
    ok: true,
    match: {
      path: translatePath(match.path),
      headers: translateHeaders(match.headers),
      queryParams: translateNamed(match.queryParams),
      ...(match.method !== undefined && { method: match.method }),
    },
  };
}

function translatePath(path: HTTPRouteMatch['path']): HTTPPathMatch {
  if (path === undefined) return everyPath;
  const type = path.type as HTTPPathMatch['type'];
  const value = type === 'PathPrefix' && path.value.length > 1 ? path.value.replace(/\/$/, '') : path.value;
  return { type, value };
}

function findWrong({ path, headers, queryParams, unknownFields }: HTTPRouteMatch): string | undefined {
  return (
    findUnknownInMatch(unknownFields) ??
    (path && findWrongValue('path', path, ['Exact', 'PathPrefix', 'RegularExpression'])) ??
    findWrongNamed('header', headers) ??
    findWrongNamed('query parameter', queryParams)
  );
}
