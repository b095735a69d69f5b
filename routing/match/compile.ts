import type { PathMatch, Route } from '../model.ts';
import { withoutTrailingSlash } from '../path.ts';
import type { Candidate, Matched } from './candidate.ts';
import { Choice } from './choice.ts';
import { explainMatch } from './explain.ts';
import { type Expressions, compileExpressions, expressionOf } from './expressions.ts';
import { PatternPaths } from './patternPaths.ts';
import { placesOf } from './precedence.ts';
import { predicatesOf } from './predicates.ts';
import { PrefixTree } from './prefixTree.ts';
import { LazyQuery } from './query.ts';
import type { MatchRequest } from './request.ts';

/** Chooses the match of a request by the order of precedence; `undefined` when no rule matches (404). Synchronous. */
export interface RouteMatcher {
  match(request: MatchRequest): Matched | undefined;
}

type CompiledRoutes =
  | { readonly ok: true; readonly matcher: RouteMatcher }
  | { readonly ok: false; readonly message: string };

/**
 * Compiles routes that share a Service port into one matcher whose cost per request hardly depends on their number.
 * A wrong regular expression makes all of it fail, with a message that names route and rule and says what to do.
 */
export function compileRoutes(routes: readonly Route[]): CompiledRoutes {
  const compiled = compileExpressions(routes);
  if (!compiled.ok) return compiled;
  return { ok: true, matcher: createMatcher(candidatesOf(routes, compiled.expressions), compiled.expressions) };
}

function createMatcher(candidates: readonly Candidate[], expressions: Expressions): RouteMatcher {
  const exact = choicesOf(candidates, 'Exact');
  const prefixes = new PrefixTree(choicesOf(candidates, 'PathPrefix'), 'segment');
  const patterns = new PatternPaths(
    Array.from(choicesOf(candidates, 'RegularExpression'), ([pattern, choice]) => ({
      pattern,
      choice,
      expression: expressionOf(expressions, pattern),
    })),
  );
  const query = new LazyQuery();
  const find = (request: MatchRequest): Candidate | undefined => {
    let found: Candidate | undefined;
    // Looking a string up makes V8 keep it among its internalized ones, in the old generation: not for nothing.
    if (exact.size > 0) found = exact.get(request.path)?.find(request, query, Number.POSITIVE_INFINITY);
    if (found !== undefined) return found;
    for (let entry = prefixes.longest(request.path); entry !== undefined; entry = entry.shorter) {
      found = entry.value.find(request, query, Number.POSITIVE_INFINITY);
      if (found !== undefined) return found;
    }
    return patterns.find(request, query);
  };
  return {
    match(request) {
      query.reset(request.query);
      const found = find(request);
      query.reset('');
      return found?.matched;
    },
  };
}

/** Every match of every rule, lowest rank first. */
function candidatesOf(routes: readonly Route[], expressions: Expressions): Candidate[] {
  return placesOf(routes).map(({ route, rule, match }, rank) => ({
    matched: Object.freeze({ route, rule, match, explanation: explainMatch(match) }),
    rank,
    predicates: predicatesOf(match, expressions),
  }));
}

function choicesOf(candidates: readonly Candidate[], type: PathMatch['type']): Map<string, Choice> {
  const ofType = candidates.filter(({ matched }) => matched.match.path.type === type);
  const groups = Map.groupBy(ofType, ({ matched }) => pathKey(matched.match.path));
  return new Map(Array.from(groups, ([key, group]) => [key, new Choice(group)]));
}

function pathKey({ type, value }: PathMatch): string {
  return type === 'PathPrefix' ? withoutTrailingSlash(value) : value;
}
