import type { BackendTarget, Filter, Rule } from '../../../routing/model.ts';
import type { BackendObjectReference, BuiltRoute, HTTPRouteFilter, RouteRule } from '../../objects/types.ts';
import type { LookUpBackend, UnresolvedFilter, UnresolvedRoute } from '../unresolved.ts';
import type { TranslatedRules, UnresolvedRule } from './rules.ts';

/** A route of which the rules are translated, its backends to be looked up. */
export function unresolvedRoute({ kind, meta }: BuiltRoute, { rules, ...outcome }: TranslatedRules): UnresolvedRoute {
  const { namespace, name, createdAtMs } = meta;
  return {
    ...outcome,
    resolve: (lookUp) => ({
      kind,
      namespace,
      name,
      createdAtMs,
      rules: rules.map((rule) => resolveRule(rule, lookUp)),
    }),
  };
}

/** All backendRefs of a rule: its own, its mirrors', and those of its backends' mirrors. */
export function listRuleRefs({ backendRefs, filters }: RouteRule): readonly BackendObjectReference[] {
  return [...backendRefs, ...mirrorRefs(filters), ...backendRefs.flatMap((ref) => mirrorRefs(ref.filters))];
}

function mirrorRefs(filters: readonly HTTPRouteFilter[]): readonly BackendObjectReference[] {
  return filters.flatMap(({ requestMirror }) => (requestMirror === undefined ? [] : [requestMirror.backendRef]));
}

function resolveRule(rule: UnresolvedRule, lookUp: LookUpBackend): Rule {
  const { index, name, matches, timeouts, retry } = rule;
  return {
    index,
    ...(name !== undefined && { name }),
    matches,
    filters: resolveFilters(rule.filters, lookUp),
    backends: rule.backendRefs.map(({ ref, filters }) => {
      const { namespace, name: service, port, target } = lookUp(ref);
      const own = resolveFilters(filters, lookUp);
      return { namespace, name: service, weight: ref.weight, port, filters: own, target };
    }),
    ...(timeouts !== undefined && { timeouts }),
    ...(retry !== undefined && { retry }),
  };
}

/** The same list where there is no mirror in it: what is empty stays the one empty list. */
function resolveFilters(filters: readonly UnresolvedFilter[], lookUp: LookUpBackend): readonly Filter[] {
  return filters.every(isResolved) ? filters : filters.map((filter) => resolveFilter(filter, lookUp));
}

function resolveFilter(filter: UnresolvedFilter, lookUp: LookUpBackend): Filter {
  if (isResolved(filter)) return filter;
  const { type, ref, fraction } = filter;
  const { target, ...found } = lookUp(ref);
  return { type, ...found, target: target.type === 'Invalid' ? ofMirror(target) : target, fraction };
}

/** Says that it is a mirror's: no request fails for it. */
function ofMirror(target: Extract<BackendTarget, { type: 'Invalid' }>): BackendTarget {
  return { ...target, message: `RequestMirror: ${target.message}` };
}

function isResolved(filter: UnresolvedFilter): filter is Exclude<UnresolvedFilter, { type: 'RequestMirror' }> {
  return filter.type !== 'RequestMirror';
}
