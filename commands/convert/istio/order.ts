import { comparePrecedence, type Place } from '../../../routing/match/precedence.ts';
import { withoutTrailingSlash } from '../../../routing/path.ts';
import type { Match, NamedMatch, Rule } from '../route.ts';

/**
 * Istio takes the first rule that matches, routes the most specific one. Finds the first pair of rules where that makes a
 * difference: requests that both may take, of which the later one would get them here.
 */
export function findReversed(rules: readonly Rule[]): { readonly earlier: number; readonly later: number } | undefined {
  for (const [later, rule] of rules.entries()) {
    const earlier = rules
      .slice(0, later)
      .findIndex((before) => matchesOf(before).some((one) => matchesOf(rule).some((other) => isReversed(one, other))));
    if (earlier !== -1) return { earlier, later };
  }
  return undefined;
}

function matchesOf({ matches }: Rule): readonly Match[] {
  return matches ?? [{}];
}

/** Whether requests that both take go to the later one by the Gateway API's precedence. */
function isReversed(earlier: Match, later: Match): boolean {
  return comparePrecedence(placeOf(later), placeOf(earlier)) < 0 && mayMeet(earlier, later);
}

/** A match as one of many in the same place, so that nothing but what it says tells which goes first. */
function placeOf({ path = { type: 'PathPrefix', value: '/' }, method, headers = [], queryParams = [] }: Match): Place {
  return { ...samePlace, match: { path, headers, queryParams, ...(method !== undefined && { method }) } };
}

const samePlace: Omit<Place, 'match'> = {
  route: { kind: 'HTTPRoute', namespace: '', name: '', createdAtMs: 0, rules: [] },
  rule: { index: 0, matches: [], filters: [], backends: [] },
  matchIndex: 0,
};

/** False only where no request can take both. */
function mayMeet(one: Match, other: Match): boolean {
  if (one.method !== undefined && other.method !== undefined && one.method !== other.method) return false;
  return (
    pathsMeet(one.path, other.path) &&
    valuesMeet(one.headers, other.headers) &&
    valuesMeet(one.queryParams, other.queryParams)
  );
}

function pathsMeet(one: Match['path'], other: Match['path']): boolean {
  if (one === undefined || other === undefined) return true;
  if (one.type === 'RegularExpression' || other.type === 'RegularExpression') return true;
  if (one.type === 'Exact' && other.type === 'Exact') return one.value === other.value;
  if (one.type === 'Exact') return isBelow(one.value, other.value);
  return other.type === 'Exact'
    ? isBelow(other.value, one.value)
    : isBelow(one.value, other.value) || isBelow(other.value, one.value);
}

function isBelow(path: string, prefix: string): boolean {
  const whole = withoutTrailingSlash(prefix);
  return path === whole || path.startsWith(`${whole}/`);
}

function valuesMeet(ones: readonly NamedMatch[] = [], others: readonly NamedMatch[] = []): boolean {
  return !ones.some(({ type, name, value }) =>
    others.some(
      (other) =>
        other.name.toLowerCase() === name.toLowerCase() &&
        type === 'Exact' &&
        other.type === 'Exact' &&
        other.value !== value,
    ),
  );
}
