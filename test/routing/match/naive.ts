import type { GRPCMethodMatch, HeaderMatch, Match, PathMatch, Route } from '../../../routing/model.ts';
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

function meetsPath(match: PathMatch, path: string): boolean {
  if (match.type === 'GRPCMethod') return meetsMethod(match, path);
  const { type, value } = match;
  if (type === 'Exact') return path === value;
  if (type === 'RegularExpression') return new RegExp(`^(?:${value})$`, 'u').test(path);
  if (value === '/') return true;
  const wanted = segments(value);
  return wanted.every((segment, index) => segments(path)[index] === segment);
}

/** The method is the last segment, and the service all before it; a service alone is a prefix. */
function meetsMethod({ by, service, method }: GRPCMethodMatch, path: string): boolean {
  if (service === undefined && method === undefined) return true;
  if (by === 'Exact' && service !== undefined && method === undefined)
    return meetsPath({ type: 'PathPrefix', value: `/${service}` }, path);
  const parts = /^\/(?<service>.*)\/(?<method>[^/]*)$/.exec(path)?.groups;
  if (parts === undefined) return false;
  const isMeant = (wanted: string | undefined, given = ''): boolean => {
    if (wanted === undefined) return true;
    return by === 'Exact' ? wanted === given : new RegExp(`^(?:${wanted})$`, 'u').test(given);
  };
  return isMeant(service, parts['service']) && isMeant(method, parts['method']);
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
    ...pathKey(spec.path),
    spec.method === undefined ? 1 : 0,
    -firsts(spec.headers).length,
    -firsts(spec.queryParams).length,
    route.createdAtMs,
    `${route.namespace}/${route.name}`,
    rule,
    match,
  ];
}

function pathKey(path: PathMatch): Key {
  if (path.type !== 'GRPCMethod') {
    const length = path.type === 'PathPrefix' ? path.value.replace(/\/$/, '').length : 0;
    return [['Exact', 'PathPrefix', 'RegularExpression'].indexOf(path.type), -length, 0, 0];
  }
  const { by, service, method } = path;
  // Whether there is a service, then how surely it is this one, then the same of the method.
  if (service === undefined) return [method === undefined ? 4 : 3, by === 'Exact' ? 0 : 1, -(method ?? '').length, 0];
  if (by === 'RegularExpression') return [2, -service.length, -(method ?? '').length, 0];
  return method === undefined ? [1, -service.length - 1, 0, 0] : [0, 0, 0, 0];
}

function goesBefore(a: Key, b: Key): boolean {
  for (const [index, part] of a.entries()) {
    const other = b[index] ?? '';
    if (part !== other) return part < other;
  }
  return false;
}
