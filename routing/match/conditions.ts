import type { HeaderMatch, Match, QueryParamMatch } from '../model.ts';
import { type Expressions, expressionOf } from './expressions.ts';
import type { LazyQuery } from './query.ts';
import type { RegularExpression } from './regularExpression.ts';
import { headerOf, type MatchRequest } from './request.ts';

/** One condition of a match apart from its path. */
export type Condition = {
  readonly type: 'method' | 'header' | 'query';
  /** Of the header (lower case) or parameter; empty for the method. */
  readonly name: string;
  /** Must be equal to this, unless there is an expression. */
  readonly value: string;
  readonly expression: RegularExpression | undefined;
};

/**
 * The conditions of a match, all of which must hold. Of several entries with one name only the first counts
 * (https://gateway-api.sigs.k8s.io/reference/spec/#httproutematch).
 */
export function conditionsOf(match: Match, expressions: Expressions): Condition[] {
  const conditionOf = (type: Condition['type'], entry: HeaderMatch | QueryParamMatch): Condition => ({
    type,
    name: entry.name,
    value: entry.value,
    expression: entry.type === 'RegularExpression' ? expressionOf(expressions, entry.value) : undefined,
  });
  const conditions = [
    ...firstOfEachName(match.headers).map((header) => conditionOf('header', header)),
    ...firstOfEachName(match.queryParams).map((param) => conditionOf('query', param)),
  ];
  if (match.method === undefined) return conditions;
  return [{ type: 'method', name: '', value: match.method, expression: undefined }, ...conditions];
}

/** Whether the request meets every condition. */
export function conditionsHold(conditions: readonly Condition[], request: MatchRequest, query: LazyQuery): boolean {
  for (const condition of conditions) if (!holds(condition, request, query)) return false;
  return true;
}

/** The entries without those whose name an earlier entry has. */
export function firstOfEachName<T extends { readonly name: string }>(entries: readonly T[]): readonly T[] {
  if (entries.length < 2) return entries;
  const names = new Set<string>();
  return entries.filter(({ name }) => !names.has(name) && names.add(name));
}

function holds({ type, name, value, expression }: Condition, request: MatchRequest, query: LazyQuery): boolean {
  if (type === 'method') return request.method === value;
  const given = type === 'header' ? headerOf(request, name) : query.params().get(name);
  if (given === undefined) return false;
  return expression === undefined ? given === value : expression.testExact(given);
}
