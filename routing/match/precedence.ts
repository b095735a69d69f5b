import type { Match, PathMatch, Route, Rule } from '../model.ts';
import { withoutTrailingSlash } from '../path.ts';
import { firstOfEachName } from './predicates.ts';

/** One match of one rule of one route. */
export type Place = {
  readonly route: Route;
  readonly rule: Rule;
  readonly match: Match;
  readonly matchIndex: number;
};

/**
 * The one total order of precedence, for `sort`: Exact path, longest PathPrefix, RegularExpression, method, most
 * headers, most query parameters, oldest route, `namespace/name`, rule index, match index
 * (https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule).
 */
export function comparePrecedence(a: Place, b: Place): number {
  return (
    comparePaths(a.match.path, b.match.path) ||
    Number(b.match.method !== undefined) - Number(a.match.method !== undefined) ||
    firstOfEachName(b.match.headers).length - firstOfEachName(a.match.headers).length ||
    firstOfEachName(b.match.queryParams).length - firstOfEachName(a.match.queryParams).length ||
    a.route.createdAtMs - b.route.createdAtMs ||
    compareText(fullName(a.route), fullName(b.route)) ||
    a.rule.index - b.rule.index ||
    a.matchIndex - b.matchIndex
  );
}

const tiers = { Exact: 0, PathPrefix: 1, RegularExpression: 2 } as const satisfies Record<PathMatch['type'], number>;

function comparePaths(a: PathMatch, b: PathMatch): number {
  if (a.type !== b.type) return tiers[a.type] - tiers[b.type];
  if (a.type !== 'PathPrefix') return 0;
  return withoutTrailingSlash(b.value).length - withoutTrailingSlash(a.value).length;
}

function fullName(route: Route): string {
  return `${route.namespace}/${route.name}`;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
