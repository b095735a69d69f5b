import type { HTTPRoute } from '../../objects/types.ts';
import { unresolvedRoute } from '../rules/resolve.ts';
import { translateRules } from '../rules/rules.ts';
import type { UnresolvedRoute } from '../unresolved.ts';
import { translateFilter } from './filters.ts';
import { translateMatches } from './matches.ts';
import { translatePolicies } from './policies.ts';

/** Translates an HTTPRoute as far as it follows from itself. */
export function translateHTTPRoute(route: HTTPRoute): UnresolvedRoute {
  return unresolvedRoute(route, translateRules(route, { translateMatches, translateFilter, translatePolicies }));
}
