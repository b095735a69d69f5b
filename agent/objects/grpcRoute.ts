import { decodeBackendRef } from './backendRef.ts';
import type { Field } from './field.ts';
import { decodeFilter } from './httpFilter.ts';
import { decodeNamedMatch } from './namedMatch.ts';
import { decodeParentRef } from './parentRef.ts';
import type { GRPCRoute, GRPCRouteMatch, GRPCRouteRule, Meta } from './types.ts';

const specFields = ['parentRefs', 'hostnames', 'rules', 'useDefaultGateways'];

/**
 * Decodes a gateway.networking.k8s.io/v1 GRPCRoute with the defaults of its schema. Values that a newer version may know
 * are kept as they are; the translation says what it cannot do.
 */
export function decodeGRPCRoute(object: Field, meta: Meta): GRPCRoute {
  const spec = object.at('spec');
  return {
    kind: 'GRPCRoute',
    meta,
    parentRefs: spec.at('parentRefs').list(decodeParentRef),
    hostnames: spec.at('hostnames').list((hostname) => hostname.string()),
    // Unlike HTTPRoute's, the schema has no rule where none is written: no RPC matches then.
    rules: spec.at('rules').list(decodeRule),
    unknownFields: spec.keysBesides(specFields),
  };
}

const ruleFields = ['name', 'matches', 'filters', 'backendRefs', 'sessionPersistence'];

function decodeRule(rule: Field): GRPCRouteRule {
  return {
    name: rule.at('name').optionalString(),
    matches: rule.at('matches').list(decodeMatch),
    filters: rule.at('filters').list(decodeFilter),
    backendRefs: rule.at('backendRefs').list(decodeBackendRef),
    sessionPersistence: !rule.at('sessionPersistence').isAbsent,
    unknownFields: rule.keysBesides(ruleFields),
  };
}

function decodeMatch(match: Field): GRPCRouteMatch {
  return {
    method: decodeMethod(match.at('method')),
    headers: match.at('headers').list(decodeNamedMatch),
    unknownFields: [
      ...match.keysBesides(['method', 'headers']),
      ...match.at('method').keysBesides(['type', 'service', 'method']),
    ],
  };
}

function decodeMethod(match: Field): GRPCRouteMatch['method'] {
  if (match.isAbsent) return undefined;
  const type = match.at('type').optionalString() ?? 'Exact';
  const service = match.at('service').optionalString();
  const method = match.at('method').optionalString();
  if (service === undefined && method === undefined) match.wrong('says nothing; give service, method or both');
  if (type === 'Exact' && service !== undefined && !serviceName.test(service))
    match.at('service').wrong(`"${service}" is the name of no gRPC service; write one such as shop.v1.Cart`);
  if (type === 'Exact' && method !== undefined && !methodName.test(method))
    match.at('method').wrong(`"${method}" is the name of no gRPC method; write one such as AddItem`);
  return { type, service: service ?? '', method: method ?? '' };
}

/** As the schema has them: https://gateway-api.sigs.k8s.io/reference/spec/#grpcmethodmatch */
const serviceName = /^\.?[a-z_][a-z_0-9]*(?:\.[a-z_][a-z_0-9]*)*$/i;
const methodName = /^[A-Za-z_][A-Za-z_0-9]*$/;
