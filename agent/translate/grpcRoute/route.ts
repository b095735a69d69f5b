import type { GRPCRoute } from '../../objects/types.ts';
import { unresolvedRoute } from '../rules/resolve.ts';
import { translateRules, type TranslatedPolicies } from '../rules/rules.ts';
import type { UnresolvedRoute } from '../unresolved.ts';
import { translateFilter } from './filters.ts';
import { translateMatches } from './matches.ts';

/** Translates a GRPCRoute as far as it follows from itself. */
export function translateGRPCRoute(route: GRPCRoute): UnresolvedRoute {
  return unresolvedRoute(route, translateRules(route, { translateMatches, translateFilter, translatePolicies }));
}

/** A GRPCRoute has none. */
function translatePolicies(): TranslatedPolicies {
  return { policies: {}, wrong: [] };
}
