import { textOfWire, wireText } from '../bytes.ts';
import type { HeaderMatch, Match, QueryParamMatch } from '../model.ts';
import { type Expressions, expressionOf } from './expressions.ts';
import type { LazyQuery } from './query.ts';
import type { RegularExpression } from './regularExpression.ts';
import { headerOf, type MatchRequest } from './request.ts';

/** One thing that a match asks for besides its path: the method, a header or a query parameter. */
export type Predicate = {
  readonly type: 'method' | 'header' | 'query';
  /** Of the header (lower case) or parameter; empty for the method. */
  readonly name: string;
  /** Must be equal to this, unless there is an expression; of a header as the wire has it, of a parameter as decoded. */
  readonly value: string;
  readonly expression: RegularExpression | undefined;
};

/**
 * The predicates of a match, all of which must hold. Of several entries with one name only the first counts
 * (https://gateway-api.sigs.k8s.io/reference/spec/#httproutematch).
 */
export function predicatesOf(match: Match, expressions: Expressions): Predicate[] {
  const predicateOf = (type: Predicate['type'], entry: HeaderMatch | QueryParamMatch): Predicate => ({
    type,
    name: entry.name,
    value: type === 'header' ? wireText(entry.value) : entry.value,
    expression: entry.type === 'RegularExpression' ? expressionOf(expressions, entry.value) : undefined,
  });
  const predicates = [
    ...firstOfEachName(match.headers).map((header) => predicateOf('header', header)),
    ...firstOfEachName(match.queryParams).map((param) => predicateOf('query', param)),
  ];
  if (match.method === undefined) return predicates;
  return [{ type: 'method', name: '', value: match.method, expression: undefined }, ...predicates];
}

/** Whether the request meets every predicate. */
export function predicatesHold(predicates: readonly Predicate[], request: MatchRequest, query: LazyQuery): boolean {
  for (const predicate of predicates) if (!holds(predicate, request, query)) return false;
  return true;
}

/** The entries without those whose name an earlier entry has. */
export function firstOfEachName<T extends { readonly name: string }>(entries: readonly T[]): readonly T[] {
  if (entries.length < 2) return entries;
  const names = new Set<string>();
  return entries.filter(({ name }) => !names.has(name) && names.add(name));
}

function holds({ type, name, value, expression }: Predicate, request: MatchRequest, query: LazyQuery): boolean {
  if (type === 'method') return request.method === value;
  const given = type === 'header' ? headerOf(request, name) : query.params().get(name);
  if (given === undefined) return false;
  if (expression === undefined) return given === value;
  return expression.testExact(type === 'header' ? textOfWire(given) : given);
}
