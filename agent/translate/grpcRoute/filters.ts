import type { HTTPRouteFilter } from '../../objects/types.ts';
import { wrong } from '../rules/checked.ts';
import { orUnsupported, translateCommonFilter } from '../rules/filter.ts';
import type { UnresolvedFilter } from '../unresolved.ts';

/** What an HTTPRoute may have and a GRPCRoute may not. */
const ofHTTP = new Set(['RequestRedirect', 'URLRewrite', 'CORS']);

/** What cannot be done becomes a filter of type Unsupported. */
export function translateFilter(filter: HTTPRouteFilter): UnresolvedFilter {
  const { type } = filter;
  const refused = wrong(`filter ${type} cannot stand in a GRPCRoute; remove it`);
  return orUnsupported(filter, ofHTTP.has(type) ? refused : translateCommonFilter(filter));
}
