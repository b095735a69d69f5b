import { explainMatch, explainPath } from '../../routing/match/explain.ts';
import { type Place, placesOf, whyBefore } from '../../routing/match/precedence.ts';
import type { MatchRequest } from '../../routing/match/request.ts';
import { findUnmet, type Unmet } from '../../routing/match/unmet.ts';
import { routeName, type ServiceRouting } from '../../routing/model.ts';
import { type DecidedBy, ruleTitle } from './outcome.ts';

/** One match at a port, and what became of it for a request. */
export type TriedMatch = {
  readonly route: string;
  readonly rule: number;
  readonly ruleName?: string;
  readonly matches: string;
  /** `Taken`: it decided. `Behind`: it would hold, but another goes before. `Unmet`: the request does not meet it. */
  readonly result: 'Taken' | 'Behind' | 'Unmet';
  readonly why: string;
};

type Verdict = Pick<TriedMatch, 'result' | 'why'>;

/** Every match of the port in the order in which they are tried, each with why it was taken or not. */
export function tryMatches(routing: ServiceRouting, request: MatchRequest, taken: DecidedBy): readonly TriedMatch[] {
  const places = placesOf(routing.routes);
  const at = places.findIndex((place) => isNamedBy(place, taken));
  const chosen = places[at];
  return places.map((place, index) => describe(place, judge(place, request, { chosen, isBefore: at < index })));
}

type Chosen = { readonly chosen: Place | undefined; readonly isBefore: boolean };

function judge(place: Place, request: MatchRequest, { chosen, isBefore }: Chosen): Verdict {
  const unmet = findUnmet(place, request);
  if (place === chosen) return { result: 'Taken', why: unmet === undefined ? 'it holds' : forPreflight };
  if (unmet !== undefined) return { result: 'Unmet', why: describeUnmet(unmet) };
  if (chosen === undefined) return { result: 'Behind', why: 'it holds' };
  const why = isBefore ? whyBefore(chosen, place) : forPreflight;
  return { result: 'Behind', why: `it would hold, but ${describeChosen(chosen)}: ${why}` };
}

function describe({ route, rule, match }: Place, verdict: Verdict): TriedMatch {
  const named = rule.name === undefined ? {} : { ruleName: rule.name };
  return { route: routeName(route), rule: rule.index, ...named, matches: explainMatch(match), ...verdict };
}

const forPreflight = 'a preflight is answered by the rule that the announced request would take';

/** Whether a decision, or a line of the log, names this match. */
export function isNamedBy({ route, rule, match }: Place, named: NamedPlace): boolean {
  return routeName(route) === named.route && rule.index === named.rule && explainMatch(match) === named.matched;
}

type NamedPlace = { readonly [K in 'route' | 'rule' | 'matched']?: DecidedBy[K] | undefined };

function describeChosen({ rule }: Place): string {
  return `${ruleTitle({ rule: rule.index, ruleName: rule.name })} goes before`;
}

/** In words, without what the request does meet. */
export function describeUnmet(unmet: Unmet): string {
  if (unmet.type === 'path') {
    const { wanted: path } = unmet;
    if (path.type === 'GRPCMethod') return `the path ${unmet.given} is not of ${explainPath(path)}`;
    const { type, value } = path;
    if (type === 'Exact') return `the path is ${unmet.given}, not ${value}`;
    if (type === 'PathPrefix') return `the path ${unmet.given} is not under ${value}`;
    return `the path ${unmet.given} does not match ${value} as a whole`;
  }
  if (unmet.type === 'method') return `the method is ${unmet.given}, not ${unmet.wanted}`;
  const { name, given, wanted } = unmet;
  const what = unmet.type === 'header' ? `header ${name}` : `query parameter ${name}`;
  if (given === undefined) return `there is no ${what}`;
  return wanted.type === 'Exact'
    ? `${what} is ${JSON.stringify(given)}, not ${JSON.stringify(wanted.value)}`
    : `${what} is ${JSON.stringify(given)}, which does not match ${wanted.value} as a whole`;
}
