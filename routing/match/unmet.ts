import type { Match, PathMatch } from '../model.ts';
import { compileRoutes } from './compile.ts';
import { compileExpressions, type Expressions } from './expressions.ts';
import type { Place } from './precedence.ts';
import { firstOfEachName, type Predicate, predicatesHold, predicatesOf } from './predicates.ts';
import { LazyQuery } from './query.ts';
import { headerOf, type MatchRequest } from './request.ts';

/** What a request does not meet of a match; `given` is undefined where the request has no such header or parameter. */
export type Unmet =
  | { readonly type: 'path'; readonly wanted: PathMatch; readonly given: string }
  | { readonly type: 'method'; readonly wanted: string; readonly given: string }
  | {
      readonly type: 'header' | 'query';
      readonly name: string;
      readonly wanted: Match['headers'][number];
      readonly given: string | undefined;
    };

/**
 * The first condition of a match that a request does not meet: its path, then its method, headers and query parameters.
 * Undefined: it meets all of them. For people, not for the hot path; every condition is asked by what the matcher asks.
 */
export function findUnmet({ route, rule, match }: Place, request: MatchRequest): Unmet | undefined {
  const { path } = match;
  const onlyPath = { ...route, rules: [{ ...rule, matches: [{ path, headers: [], queryParams: [] }] }] };
  const compiled = compileRoutes([onlyPath]);
  if (!compiled.ok) throw new Error(compiled.message);
  if (compiled.matcher.match(request) === undefined) return { type: 'path', wanted: path, given: request.path };
  const query = new LazyQuery();
  query.reset(request.query);
  const unmet = predicatesOf(match, expressionsOf(match, { route, rule })).find(
    (predicate) => !predicatesHold([predicate], request, query),
  );
  return unmet && describe(unmet, match, { request, query });
}

function expressionsOf(match: Match, { route, rule }: Pick<Place, 'route' | 'rule'>): Expressions {
  const compiled = compileExpressions([{ ...route, rules: [{ ...rule, matches: [match] }] }]);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.expressions;
}

type Given = { readonly request: MatchRequest; readonly query: LazyQuery };

function describe({ type, name, value }: Predicate, match: Match, { request, query }: Given): Unmet {
  if (type === 'method') return { type, wanted: value, given: request.method };
  const isHeader = type === 'header';
  const wanted = firstOfEachName(isHeader ? match.headers : match.queryParams).find((one) => one.name === name);
  if (wanted === undefined) throw new Error(`no condition of the match is called ${name}`);
  return { type, name, wanted, given: isHeader ? headerOf(request, name) : query.params().get(name) };
}
