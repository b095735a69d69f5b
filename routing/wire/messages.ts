import { type MessageInitShape, create } from '@bufbuild/protobuf';
import type { Backend, Endpoints, Match, Route, Rule, ServiceRouting } from '../model.ts';
import { filterMessage } from './encodeFilter.ts';
import type * as wire from './generated/heddle/v1/routing_pb.ts';
import {
  type BackendSchema,
  EndpointsSchema,
  type MatchSchema,
  type RouteSchema,
  type RuleSchema,
  ServiceRoutingSchema,
} from './generated/heddle/v1/routing_pb.ts';
import { matchTypeNumbers, protocolNumbers } from './words.ts';

/** A ServiceRouting as the message to encode, made anew at each call. */
export function serviceRoutingMessage(routing: ServiceRouting): wire.ServiceRouting {
  return create(ServiceRoutingSchema, {
    ...routing.service,
    port: routing.port,
    protocol: protocolNumbers[routing.protocol],
    routes: routing.routes.map(routeMessage),
    endpoints: routing.endpoints,
  });
}

/** Endpoints as the message to encode, made anew at each call. */
export function endpointsMessage({ name, endpoints }: Endpoints): wire.Endpoints {
  return create(EndpointsSchema, { name, endpoints: [...endpoints] });
}

function routeMessage(route: Route): MessageInitShape<typeof RouteSchema> {
  const { kind, namespace, name, createdAtMs } = route;
  return { kind, namespace, name, createdAtMs: BigInt(createdAtMs), rules: route.rules.map(ruleMessage) };
}

function ruleMessage(rule: Rule): MessageInitShape<typeof RuleSchema> {
  return {
    index: rule.index,
    ...(rule.name === undefined ? {} : { name: rule.name }),
    matches: rule.matches.map(matchMessage),
    filters: rule.filters.map(filterMessage),
    backends: rule.backends.map(backendMessage),
  };
}

function matchMessage({ path, headers, queryParams, method }: Match): MessageInitShape<typeof MatchSchema> {
  return {
    path: { type: matchTypeNumbers[path.type], value: path.value },
    headers: headers.map(({ type, name, value }) => ({ type: matchTypeNumbers[type], name, value })),
    queryParams: queryParams.map(({ type, name, value }) => ({ type: matchTypeNumbers[type], name, value })),
    ...(method === undefined ? {} : { method }),
  };
}

function backendMessage(backend: Backend): MessageInitShape<typeof BackendSchema> {
  const { namespace, name, port, weight, target } = backend;
  return {
    namespace,
    name,
    port,
    weight,
    filters: backend.filters.map(filterMessage),
    target:
      target.type === 'Endpoints'
        ? { case: 'endpoints', value: { name: target.endpoints, protocol: protocolNumbers[target.protocol] } }
        : { case: 'invalid', value: { reason: target.reason, message: target.message } },
  };
}
