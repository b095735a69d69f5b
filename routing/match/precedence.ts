import type { HTTPPathMatch, Match, Route, Rule } from '../model.ts';
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
 * The one total order of precedence, for `sort`: of an HTTPRoute Exact path, longest PathPrefix, RegularExpression; of a
 * GRPCRoute longest service, longest method, what is Exact before expressions; then HTTP method, most headers, most query
 * parameters, oldest route, `namespace/name`, rule index, match index
 * (https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule, #grpcrouterule).
 */
export function comparePrecedence(a: Place, b: Place): number {
  for (const { compare } of steps) {
    const order = compare(a, b);
    if (order !== 0) return order;
  }
  return 0;
}

/** Why the first of two different places goes before the other, for people; it does by `comparePrecedence`. */
export function whyBefore(first: Place, other: Place): string {
  const step = steps.find(({ compare }) => compare(first, other) !== 0);
  if (step === undefined) return 'it is the same match';
  const { says, saysOfMethods = says } = step;
  return isMethod(first) && isMethod(other) ? saysOfMethods : says;
}

/** Every match of routes that share a Service port, in the order in which they are tried. */
export function placesOf(routes: readonly Route[]): readonly Place[] {
  const places: Place[] = routes.flatMap((route) =>
    route.rules.flatMap((rule) => rule.matches.map((match, matchIndex) => ({ route, rule, match, matchIndex }))),
  );
  return places.sort(comparePrecedence);
}

type Step = {
  readonly says: string;
  /** Where both are a GRPCRoute's, if those are other words. */
  readonly saysOfMethods?: string;
  readonly compare: (a: Place, b: Place) => number;
};

const steps: readonly Step[] = [
  {
    says: 'an Exact path goes before a PathPrefix, and that before a RegularExpression',
    saysOfMethods:
      'what says more of service and method goes first: both, the service, an expression for it, the method',
    compare: (a, b) => tierOf(a) - tierOf(b),
  },
  {
    says: 'its path prefix is longer',
    saysOfMethods: 'its service is longer',
    compare: (a, b) => prefixLength(b) - prefixLength(a),
  },
  { says: 'its method is longer', compare: (a, b) => methodLength(b) - methodLength(a) },
  {
    says: 'it asks for a method',
    compare: (a, b) => Number(b.match.method !== undefined) - Number(a.match.method !== undefined),
  },
  {
    says: 'it asks for more headers',
    compare: (a, b) => firstOfEachName(b.match.headers).length - firstOfEachName(a.match.headers).length,
  },
  {
    says: 'it asks for more query parameters',
    compare: (a, b) => firstOfEachName(b.match.queryParams).length - firstOfEachName(a.match.queryParams).length,
  },
  { says: 'its route is older', compare: (a, b) => a.route.createdAtMs - b.route.createdAtMs },
  {
    says: 'its route comes first by namespace and name',
    compare: (a, b) => compareText(fullName(a.route), fullName(b.route)),
  },
  { says: 'its rule stands first in the route', compare: (a, b) => a.rule.index - b.rule.index },
  { says: 'it stands first among the matches of the rule', compare: (a, b) => a.matchIndex - b.matchIndex },
];

const tiers = { Exact: 0, PathPrefix: 1, RegularExpression: 2 } as const satisfies Record<
  HTTPPathMatch['type'],
  number
>;

function tierOf({ match: { path } }: Place): number {
  if (path.type !== 'GRPCMethod') return tiers[path.type];
  const isExact = path.by === 'Exact';
  if (path.service === undefined) return path.method === undefined ? 5 : 3 + Number(!isExact);
  if (!isExact) return tiers.RegularExpression;
  return path.method === undefined ? tiers.PathPrefix : tiers.Exact;
}

function isMethod({ match }: Place): boolean {
  return match.path.type === 'GRPCMethod';
}

/** Of a service, too, which is the first segment of a path; of Exact paths, which are equal where both are met, none. */
function prefixLength(place: Place): number {
  const { path } = place.match;
  if (tierOf(place) === tiers.Exact) return 0;
  if (path.type === 'GRPCMethod') return path.service === undefined ? 0 : path.service.length + 1;
  return path.type === 'PathPrefix' ? withoutTrailingSlash(path.value).length : 0;
}

function methodLength(place: Place): number {
  const { path } = place.match;
  return path.type === 'GRPCMethod' && tierOf(place) !== tiers.Exact ? (path.method ?? '').length : 0;
}

function fullName(route: Route): string {
  return `${route.namespace}/${route.name}`;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
