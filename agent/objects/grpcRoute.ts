import type { Field } from './field.ts';
import { decodeNamedMatch } from './namedMatch.ts';
import { decodeRule, decodeSpec } from './routeSpec.ts';
import type { GRPCRoute, GRPCRouteMatch, Meta } from './types.ts';

/**
 * Decodes a gateway.networking.k8s.io/v1 GRPCRoute with the defaults of its schema. Values that a newer version may know
 * are kept as they are; the translation says what it cannot do.
 */
export function decodeGRPCRoute(object: Field, meta: Meta): GRPCRoute {
  const spec = object.at('spec');
  return {
    kind: 'GRPCRoute',
    meta,
    ...decodeSpec(spec),
    // Unlike HTTPRoute's, the schema has no rule where none is written: no RPC matches then.
    rules: spec.at('rules').list((rule) => decodeRule(rule, decodeMatch)),
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
