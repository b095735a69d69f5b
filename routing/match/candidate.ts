import type { Match, Route, Rule } from '../model.ts';
import type { Predicate } from './predicates.ts';

/** What was chosen for a request; one frozen object per match, made when the routes are compiled. */
export type Matched = {
  readonly route: Route;
  readonly rule: Rule;
  readonly match: Match;
  /** For people: `path prefix /api and header x-canary = 1`. */
  readonly explanation: string;
};

/** A match on its way to be chosen: its place in the order of precedence and what is still to be checked. */
export type Candidate = {
  readonly matched: Matched;
  /** Lower goes first; no two are equal. */
  readonly rank: number;
  readonly predicates: readonly Predicate[];
};
