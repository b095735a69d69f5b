import type { HTTPRouteFilter } from '../../objects/types.ts';
import { type Checked, wrong } from '../rules/checked.ts';
import { translateCommonFilter } from '../rules/filter.ts';
import type { UnresolvedFilter } from '../unresolved.ts';

/** What an HTTPRoute may have and a GRPCRoute may not. */
const ofHTTP = new Set(['RequestRedirect', 'URLRewrite', 'CORS']);

/** A filter of a GRPCRoute, or why it cannot be done. */
export function translateFilter(filter: HTTPRouteFilter): Checked<UnresolvedFilter> {
  if (ofHTTP.has(filter.type)) return wrong(`filter ${filter.type} cannot stand in a GRPCRoute; remove it`);
  return translateCommonFilter(filter);
}
