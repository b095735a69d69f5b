import type { Rule } from '../../../routing/model.ts';
import type { HTTPRoute } from '../../objects/types.ts';
import type { LookUpBackend, UnresolvedRoute } from '../unresolved.ts';
import { translateRules, type UnresolvedRule } from './rules.ts';

/** Translates an HTTPRoute as far as it follows from itself. */
export function translateHTTPRoute(route: HTTPRoute): UnresolvedRoute {
  const { rules, ...outcome } = translateRules(route);
  const { kind, meta } = route;
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

function resolveRule(rule: UnresolvedRule, lookUp: LookUpBackend): Rule {
  return {
    index: rule.index,
    ...(rule.name !== undefined && { name: rule.name }),
    matches: rule.matches,
    filters: rule.filters,
    backends: rule.backendRefs.map(({ ref, filters }) => lookUp(ref, filters)),
  };
}
