import type { GRPCRoute, GRPCRouteRule } from '../../objects/types.ts';
import { unresolvedRoute } from '../rules/resolve.ts';
import { translateRules, type TranslatedPolicies } from '../rules/rules.ts';
import { refuseSessionPersistence } from '../rules/sessionPersistence.ts';
import type { UnresolvedRoute } from '../unresolved.ts';
import { translateFilter } from './filters.ts';
import { translateMatches } from './matches.ts';

/** Translates a GRPCRoute as far as it follows from itself. */
export function translateGRPCRoute(route: GRPCRoute): UnresolvedRoute {
  return unresolvedRoute(route, translateRules(route, { translateMatches, translateFilter, translatePolicies }));
}

function translatePolicies(rule: GRPCRouteRule): TranslatedPolicies {
  return { policies: {}, wrong: refuseSessionPersistence(rule) };
}
