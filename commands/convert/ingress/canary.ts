import type { BackendRef, Match, NamedMatch, Rule } from '../route.ts';
import type { Source } from '../source.ts';
import { annotationsOf, isOn } from './annotation.ts';
import { checkExpression, literal } from '../expression.ts';

/** Which requests a canary gets: those with some headers, those never, and a share of the others. */
export type Canary = {
  readonly always: readonly NamedMatch[];
  readonly never: readonly NamedMatch[];
  readonly weight: number;
  readonly total: number;
};

/** What the annotations of an Ingress say of its being a canary; undefined for one that is none. */
export function readCanary(source: Source): Canary | undefined {
  const of = annotationsOf(source);
  if (!isOn(of('canary'))) return undefined;
  const always: NamedMatch[] = [];
  const never: NamedMatch[] = [];
  const name = of('canary-by-header').text();
  const value = of('canary-by-header-value').text();
  const written = of('canary-by-header-pattern');
  const pattern = written.text();
  if (name !== undefined && value !== undefined) always.push({ type: 'Exact', name, value });
  else if (name !== undefined && pattern !== undefined) {
    const expression = checkExpression(written, `.*(?:${pattern}).*`);
    if (expression !== undefined) always.push({ type: 'RegularExpression', name, value: expression });
  } else if (name !== undefined) {
    always.push({ type: 'Exact', name, value: 'always' });
    never.push({ type: 'Exact', name, value: 'never' });
  }
  const cookie = of('canary-by-cookie').text();
  if (cookie !== undefined) {
    always.push(ofCookie(cookie, 'always'));
    never.push(ofCookie(cookie, 'never'));
  }
  return {
    always,
    never,
    weight: of('canary-weight').numeral() ?? 0,
    total: of('canary-weight-total').numeral() ?? 100,
  };
}

function ofCookie(name: string, value: string): NamedMatch {
  return { type: 'RegularExpression', name: 'Cookie', value: `(?:.*; *)?${literal(name)}=${value}(?: *;.*)?` };
}

/** Puts a canary beside the rule with the same path; false where there is none. */
export function addCanary(rules: Rule[], canaryRule: Rule, canary: Canary): boolean {
  const path = JSON.stringify(canaryRule.matches?.[0]?.path);
  const index = rules.findIndex(
    ({ matches, backendRefs }) => backendRefs !== undefined && JSON.stringify(matches?.[0]?.path) === path,
  );
  const main = rules[index];
  if (main === undefined) return false;
  const [toCanary, toMain] = [canaryRule.backendRefs ?? [], main.backendRefs ?? []];
  const { weight, total } = canary;
  const shared =
    weight === 0 ? toMain : [...weighted(toMain, Math.max(total - weight, 0)), ...weighted(toCanary, weight)];
  const withHeaders = (headers: readonly NamedMatch[], backendRefs: readonly BackendRef[]): readonly Rule[] =>
    headers.map((header) => ({ ...main, matches: [narrowed(main.matches?.[0], header)], backendRefs }));
  rules.splice(
    index,
    1,
    ...withHeaders(canary.always, toCanary),
    ...(weight === 0 ? [] : withHeaders(canary.never, toMain)),
    { ...main, backendRefs: shared },
  );
  return true;
}

function narrowed(match: Match | undefined, header: NamedMatch): Match {
  return { ...match, headers: [...(match?.headers ?? []), header] };
}

function weighted(refs: readonly BackendRef[], weight: number): readonly BackendRef[] {
  return refs.map((ref) => ({ ...ref, weight }));
}
