import type { HeaderMatch, Match, HTTPPathMatch } from '../../../routing/model.ts';
import { checkRegularExpression } from '../../../routing/match/regularExpression.ts';
import type { HTTPRouteMatch, NamedMatch } from '../../objects/types.ts';
import { orNone } from '../none.ts';

/** A match, or why it can never be told whether it holds. */
export type TranslatedMatch =
  | { readonly ok: true; readonly match: Match }
  | { readonly ok: false; readonly message: string };

/** Matches that are left out stand for prefix `/`. */
export function translateMatches(matches: readonly HTTPRouteMatch[]): readonly TranslatedMatch[] {
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
      headers: firstOfEachName(match.headers.map((header) => ({ ...header, name: header.name.toLowerCase() }))),
      queryParams: firstOfEachName(match.queryParams),
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

/** The first entry of a name counts, https://gateway-api.sigs.k8s.io/reference/spec/#httpheadermatch */
function firstOfEachName(matches: readonly NamedMatch[]): readonly HeaderMatch[] {
  const seen = new Map<string, HeaderMatch>();
  for (const match of matches) if (!seen.has(match.name)) seen.set(match.name, match as HeaderMatch);
  return orNone([...seen.values()]);
}

function findWrong(match: HTTPRouteMatch): string | undefined {
  const [unknown] = match.unknownFields;
  if (unknown !== undefined) return `field ${unknown} is not known; remove it or correct the spelling`;
  const { path, headers, queryParams } = match;
  return (
    (path && findWrongValue('path', path, ['Exact', 'PathPrefix', 'RegularExpression'])) ??
    headers.map((header) => findWrongValue(`header ${header.name}`, header, valueTypes)).find(isText) ??
    queryParams.map((param) => findWrongValue(`query parameter ${param.name}`, param, valueTypes)).find(isText)
  );
}

const valueTypes = ['Exact', 'RegularExpression'];

function findWrongValue(what: string, { type, value }: { type: string; value: string }, types: readonly string[]) {
  if (!types.includes(type)) return `${what} has the type ${type}; use one of ${types.join(', ')}`;
  const wrong = type === 'RegularExpression' ? checkRegularExpression(value) : undefined;
  return wrong === undefined ? undefined : `${what} has the regular expression ${JSON.stringify(value)}: ${wrong}`;
}

function isText(text: string | undefined): text is string {
  return text !== undefined;
}
