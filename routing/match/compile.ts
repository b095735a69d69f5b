import type { Route } from '../model.ts';
import type { Candidate, Matched } from './candidate.ts';
import { Choice } from './choice.ts';
import { explainMatch } from './explain.ts';
import { type Expressions, compileExpressions } from './expressions.ts';
import { lookupOf, type PathLookup } from './pathLookup.ts';
import { patternOf } from './pathPattern.ts';
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
  const { whole, segments, trying } = groupsOf(candidates);
  const exact = choicesOf(whole);
  const prefixes = new PrefixTree(choicesOf(segments), 'segment');
  const patterns = new PatternPaths(
    Array.from(trying.values(), (group) => ({
      ...patternOf(group[0].matched.match.path, expressions),
      choice: new Choice(group),
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
      if (found === undefined) continue;
      // Among RPCs, what asks for the method alone goes before what asks for neither.
      return patterns.rank > found.rank ? found : (patterns.find(request, query, found.rank) ?? found);
    }
    return patterns.find(request, query, Number.POSITIVE_INFINITY);
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

type Groups = Map<string, [Candidate, ...Candidate[]]>;

/** Candidates by how their path is found, then by that path. */
function groupsOf(candidates: readonly Candidate[]): Readonly<Record<PathLookup['by'], Groups>> {
  const groups: Record<PathLookup['by'], Groups> = { whole: new Map(), segments: new Map(), trying: new Map() };
  for (const candidate of candidates) {
    const { by, key } = lookupOf(candidate.matched.match.path);
    const group = groups[by].get(key);
    if (group === undefined) groups[by].set(key, [candidate]);
    else group.push(candidate);
  }
  return groups;
}

function choicesOf(groups: Groups): Map<string, Choice> {
  return new Map(Array.from(groups, ([key, group]) => [key, new Choice(group)]));
}
