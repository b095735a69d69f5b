import type { GRPCMethodMatch } from '../../../routing/model.ts';
import type { GRPCRouteMatch, GRPCRouteRule } from '../../objects/types.ts';
import { orNone } from '../none.ts';
import {
  findUnknownInMatch,
  findWrongNamed,
  findWrongValue,
  type TranslatedMatch,
  translateHeaders,
} from '../rules/values.ts';

/**
 * Matches that are left out stand for every RPC. Service and method are all that tells RPCs: which content-type they come
 * with is not asked, so that gRPC-Web and what reflects or probes a server over HTTP take the same rule.
 */
export function translateMatches({ matches }: GRPCRouteRule): readonly TranslatedMatch[] {
  return (matches.length > 0 ? matches : [everything]).map(translateMatch);
}

const everything: GRPCRouteMatch = { method: undefined, headers: [], unknownFields: [] };

function translateMatch(match: GRPCRouteMatch): TranslatedMatch {
  const wrong = findWrong(match);
  if (wrong !== undefined) return { ok: false, message: wrong };
  return {
    ok: true,
    match: { path: translateMethod(match.method), headers: translateHeaders(match.headers), queryParams: orNone([]) },
  };
}

function translateMethod(match: GRPCRouteMatch['method']): GRPCMethodMatch {
  const { type = 'Exact', service = '', method = '' } = match ?? {};
  return {
    type: 'GRPCMethod',
    by: type as GRPCMethodMatch['by'],
    ...(service !== '' && { service }),
    ...(method !== '' && { method }),
  };
}

function findWrong({ method, headers, unknownFields }: GRPCRouteMatch): string | undefined {
  return (
    findUnknownInMatch(unknownFields) ??
    (method && findWrongValue('service', { type: method.type, value: method.service })) ??
    (method && findWrongValue('method', { type: method.type, value: method.method })) ??
    findWrongNamed('header', headers)
  );
}
