import type { Match, Rule } from '../../../routing/model.ts';
import type { HTTPBackendRef, HTTPRouteFilter, RouteRule } from '../../objects/types.ts';
import { orNone } from '../none.ts';
import { printRejection, type Rejection, type UnresolvedFilter, type UnresolvedRoute } from '../unresolved.ts';
import type { Checked } from './checked.ts';
import { type FilterPlace, type UnsupportedFilter, unsupported } from './filter.ts';
import { refuseSessionPersistence } from './sessionPersistence.ts';
import type { TranslatedMatch } from './values.ts';

/** What rules of a kind of route have of their own. */
export type RuleKind<R extends RouteRule> = {
  /** At least one. */
  readonly translateMatches: (rule: R) => readonly TranslatedMatch[];
  readonly translateFilter: (filter: HTTPRouteFilter, place: FilterPlace) => Checked<UnresolvedFilter>;
  readonly translatePolicies: (rule: R) => TranslatedPolicies;
};

/** The policies of a rule, and what stands for those that cannot be done. */
export type TranslatedPolicies = {
  readonly policies: Pick<Rule, 'timeouts' | 'retry'>;
  readonly wrong: readonly UnsupportedFilter[];
};

type RouteWithRules<R> = { readonly rules: readonly R[]; readonly unknownFields: readonly string[] };

/** The rules of a route as far as they follow from the route alone, and what is wrong with them. */
export type TranslatedRules = Omit<UnresolvedRoute, 'resolve'> & {
  readonly rules: readonly UnresolvedRule[];
};

export type UnresolvedRule = {
  readonly index: number;
  readonly name: string | undefined;
  readonly matches: readonly Match[];
  readonly filters: readonly UnresolvedFilter[];
  readonly backendRefs: readonly { readonly ref: HTTPBackendRef; readonly filters: readonly UnresolvedFilter[] }[];
} & Pick<Rule, 'timeouts' | 'retry'>;

/** Translates rules, matches and filters of a route. */
export function translateRules<R extends RouteRule>(route: RouteWithRules<R>, kind: RuleKind<R>): TranslatedRules {
  const rules: UnresolvedRule[] = [];
  const rejections: Rejection[] = [];
  const unmatched: Rejection[] = [];
  let validRules = 0;
  const unknown = route.unknownFields.map((field) =>
    unsupported(field, `field ${field} of spec is not known; remove it, or upgrade Heddle if a newer version knows it`),
  );
  for (const [index, rule] of route.rules.entries()) {
    const title = rule.name === undefined ? String(index) : `${index} (${rule.name})`;
    const matches: Match[] = [];
    const wanted = kind.translateMatches(rule);
    for (const [at, translated] of wanted.entries()) {
      if (translated.ok) matches.push(translated.match);
      else unmatched.push(unsupportedIn(`${title}, match ${at}`, translated.message));
    }
    if (matches.length === 0) continue;
    const translated = translateRule(rule, { index, matches, kind });
    const { rule: own } = translated;
    if (translated.rejections.length === 0 && matches.length === wanted.length) validRules += 1;
    rules.push(unknown.length === 0 ? own : { ...own, filters: [...own.filters, ...unknown] });
    rejections.push(...translated.rejections.map(({ reason, message }) => ({ reason, rule: title, message })));
  }
  const unread = unknown.map(({ message }) => unsupportedIn(undefined, message));
  const all = [...unread, ...rejections, ...unmatched];
  return {
    rules,
    rejections: all,
    isValid: all.length === 0 || (unread.length === 0 && validRules > 0),
    dropped: unmatched.map(printRejection),
  };
}

function unsupportedIn(rule: string | undefined, message: string): Rejection {
  return { reason: 'UnsupportedValue', rule, message };
}

/** A rejection before it is known of which rule it speaks. */
type Bare = Omit<Rejection, 'rule'>;
type RuleOutcome = { readonly rule: UnresolvedRule; readonly rejections: readonly Bare[] };

type RuleContext<R extends RouteRule> = {
  readonly index: number;
  readonly matches: readonly Match[];
  readonly kind: RuleKind<R>;
};

function translateRule<R extends RouteRule>(rule: R, { index, matches, kind }: RuleContext<R>): RuleOutcome {
  const prefixMatches = matches.every((match) => match.path.type === 'PathPrefix');
  const policies = kind.translatePolicies(rule);
  const translateOn = (on: FilterPlace['on']) => (filter: HTTPRouteFilter) => {
    const translated = kind.translateFilter(filter, { on, prefixMatches });
    return translated.ok ? translated.value : unsupported(filter.type, translated.message);
  };
  const own = translateFilters(rule, translateOn('rule'), [...policies.wrong, ...refuseSessionPersistence(rule)]);
  const backendRefs = rule.backendRefs.map((ref) => ({ ref, ...translateFilters(ref, translateOn('backend'), []) }));
  return {
    rule: {
      index,
      name: rule.name,
      matches,
      filters: own.filters,
      backendRefs: backendRefs.map(({ ref, filters }) => ({ ref, filters })),
      ...policies.policies,
    },
    rejections: [
      ...own.rejections,
      ...backendRefs.flatMap(({ ref, rejections }) =>
        rejections.map(({ reason, message }) => ({ reason, message: `backendRef ${ref.name}: ${message}` })),
      ),
    ],
  };
}

type FiltersOutcome = { readonly filters: readonly UnresolvedFilter[]; readonly rejections: readonly Bare[] };

/** The filters of a rule or of a backendRef, with an Unsupported one for each thing that cannot be done. */
function translateFilters(
  owner: RouteRule | HTTPBackendRef,
  translate: (filter: HTTPRouteFilter) => UnresolvedFilter,
  wrong: readonly UnsupportedFilter[],
): FiltersOutcome {
  const filters: UnresolvedFilter[] = [
    ...owner.filters.map(translate),
    ...owner.unknownFields.map((field) =>
      unsupported(field, `field ${field} is not known; remove it or correct the spelling`),
    ),
    ...wrong,
  ];
  const rejections: Bare[] = filters
    .filter((filter) => filter.type === 'Unsupported')
    .map(({ message }) => ({ reason: 'UnsupportedValue', message }));
  const clash = findClash(owner);
  if (clash !== undefined) {
    filters.push(unsupported(clash.filter, clash.message));
    rejections.push({ reason: 'IncompatibleFilters', message: clash.message });
  }
  return { filters: orNone(filters), rejections: orNone(rejections) };
}

/** Filters that the Gateway API does not let stand together. */
function findClash(owner: RouteRule | HTTPBackendRef): { filter: string; message: string } | undefined {
  const types = owner.filters.map((filter) => filter.type);
  if (types.includes('RequestRedirect') && types.includes('URLRewrite')) {
    return { filter: 'URLRewrite', message: 'filters RequestRedirect and URLRewrite exclude each other; remove one' };
  }
  const twice = types.find((type, index) => single.has(type) && types.indexOf(type) < index);
  if (twice !== undefined) return { filter: twice, message: `filter ${twice} stands twice; put both into one` };
  if (types.includes('RequestRedirect') && 'backendRefs' in owner && owner.backendRefs.length > 0) {
    const message = 'filter RequestRedirect answers itself, so the rule can have no backendRefs; remove one of the two';
    return { filter: 'RequestRedirect', message };
  }
  return undefined;
}

const single = new Set(['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestRedirect', 'URLRewrite', 'CORS']);
