import type { HeaderMatch, Match, PathMatch, Route } from '../../../routing/model.ts';
import type { MatchRequest } from '../../../routing/match/request.ts';

/** What the naive matcher chose: a rule of a route and the position of one of its matches. */
export type Choice = { readonly route: Route; readonly rule: number; readonly match: number };

/** Tries every match against the request and takes the first by a key that is written out here once more. */
export function naiveMatch(routes: readonly Route[], request: MatchRequest): Choice | undefined {
  const hits = routes.flatMap((route) =>
    route.rules.flatMap((rule) =>
      rule.matches
        .map((spec, match) => ({ route, rule: rule.index, match, spec }))
        .filter(({ spec }) => meets(spec, request)),
    ),
  );
  let best: (typeof hits)[number] | undefined;
  for (const hit of hits) if (best === undefined || goesBefore(key(hit), key(best))) best = hit;
  return best === undefined ? undefined : { route: best.route, rule: best.rule, match: best.match };
}

function meets(match: Match, request: MatchRequest): boolean {
  const params = new URLSearchParams(request.query);
  return (
    meetsPath(match.path, request.path) &&
    (match.method === undefined || match.method === request.method) &&
    firsts(match.headers).every((header) => meetsValue(header, request.headers.get(header.name))) &&
    firsts(match.queryParams).every((param) => meetsValue(param, params.get(param.name) ?? undefined))
  );
}

function meetsPath({ type, value }: PathMatch, path: string): boolean {
  if (type === 'Exact') return path === value;
  if (type === 'RegularExpression') return new RegExp(`^(?:${value})$`, 'u').test(path);
  if (value === '/') return true;
  const wanted = segments(value);
  return wanted.every((segment, index) => segments(path)[index] === segment);
}

function segments(path: string): string[] {
  return path.replace(/\/$/, '').split('/');
}

function meetsValue({ type, value }: HeaderMatch, given: string | undefined): boolean {
  if (given === undefined) return false;
  return type === 'Exact' ? given === value : new RegExp(`^(?:${value})$`, 'u').test(given);
}

function firsts<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  return entries.filter(({ name }, index) => entries.findIndex((other) => other.name === name) === index);
}

type Key = readonly (number | string)[];

/** Smaller goes first, part by part. */
function key({ route, rule, match, spec }: Choice & { readonly spec: Match }): Key {
  return [
    ['Exact', 'PathPrefix', 'RegularExpression'].indexOf(spec.path.type),
    spec.path.type === 'PathPrefix' ? -spec.path.value.replace(/\/$/, '').length : 0,
    spec.method === undefined ? 1 : 0,
    -firsts(spec.headers).length,
    -firsts(spec.queryParams).length,
    route.createdAtMs,
    `${route.namespace}/${route.name}`,
    rule,
    match,
  ];
}

function goesBefore(a: Key, b: Key): boolean {
  for (const [index, part] of a.entries()) {
    const other = b[index] ?? '';
    if (part !== other) return part < other;
  }
  return false;
}
