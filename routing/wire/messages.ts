import type {
  Backend,
  Endpoint,
  Endpoints,
  GRPCMethodMatch,
  HeaderMatch,
  HTTPPathMatch,
  Inbound,
  InboundPort,
  Match,
  Peer,
  Retry,
  Route,
  Rule,
  ServiceRouting,
  Timeouts,
} from '../model.ts';
import { filterMessage } from './encodeFilter.ts';
import { targetMessage } from './encodeTarget.ts';
import type * as wire from './generated/heddle/v1/routing_pb.ts';
import { matchTypeNumbers, protocolNumbers } from './words.ts';

// Written out, not by `create`, which looks at each field of each message anew: an agent makes many of them at its start.

/** A ServiceRouting as the message to encode, made anew at each call. */
export function serviceRoutingMessage(routing: ServiceRouting): wire.ServiceRouting {
  const { service, port, protocol, routes, endpoints } = routing;
  return {
    $typeName: 'heddle.v1.ServiceRouting',
    namespace: service.namespace,
    name: service.name,
    port,
    protocol: protocolNumbers[protocol],
    routes: routes.map(routeMessage),
    endpoints,
  };
}

/** Endpoints as the message to encode, made anew at each call. */
export function endpointsMessage({ name, endpoints, sessionAffinityMs, policy, whyNone }: Endpoints): wire.Endpoints {
  return {
    $typeName: 'heddle.v1.Endpoints',
    name,
    endpoints: endpoints.map(endpointMessage),
    ...(sessionAffinityMs === undefined ? {} : { sessionAffinitySeconds: sessionAffinityMs / 1000 }),
    ...(whyNone === undefined ? {} : { whyNone }),
    ...(policy === undefined ? {} : { policy: { $typeName: 'heddle.v1.EndpointPolicy', ...policy } }),
  };
}

/** An Inbound as the message to encode, made anew at each call. */
export function inboundMessage({ ports }: Inbound): wire.Inbound {
  return { $typeName: 'heddle.v1.Inbound', ports: ports.map(inboundPortMessage) };
}

/** A Peer as the message to encode, made anew at each call. */
export function peerMessage({ namespace, pod }: Peer): wire.Peer {
  return { $typeName: 'heddle.v1.Peer', namespace, pod };
}

function inboundPortMessage({ port, protocol, declaredBy }: InboundPort): wire.InboundPort {
  return {
    $typeName: 'heddle.v1.InboundPort',
    port,
    protocol: protocolNumbers[protocol],
    declaredBy: [...declaredBy],
  };
}

function endpointMessage(endpoint: Endpoint): wire.Endpoint {
  return { $typeName: 'heddle.v1.Endpoint', ...endpoint };
}

function routeMessage(route: Route): wire.Route {
  const { kind, namespace, name, createdAtMs, rules } = route;
  const message = { kind, namespace, name, createdAtMs: BigInt(createdAtMs), rules: rules.map(ruleMessage) };
  return { $typeName: 'heddle.v1.Route', ...message };
}

function ruleMessage(rule: Rule): wire.Rule {
  return {
    $typeName: 'heddle.v1.Rule',
    index: rule.index,
    ...(rule.name === undefined ? {} : { name: rule.name }),
    matches: rule.matches.map(matchMessage),
    filters: rule.filters.map(filterMessage),
    backends: rule.backends.map(backendMessage),
    ...(rule.timeouts === undefined ? {} : { timeouts: timeoutsMessage(rule.timeouts) }),
    ...(rule.retry === undefined || rule.retry.attempts === 0 ? {} : { retry: retryMessage(rule.retry) }),
    retryOff: rule.retry?.attempts === 0,
  };
}

function timeoutsMessage(timeouts: Timeouts): wire.Timeouts {
  return { $typeName: 'heddle.v1.Timeouts', ...timeouts };
}

function retryMessage({ attempts, codes, backoffMs }: Retry): wire.Retry {
  const message = { attempts, codes: [...codes], ...(backoffMs === undefined ? {} : { backoffMs }) };
  return { $typeName: 'heddle.v1.Retry', ...message };
}

function matchMessage({ path, headers, queryParams, method }: Match): wire.Match {
  return {
    $typeName: 'heddle.v1.Match',
    ...(path.type === 'GRPCMethod' ? { grpcMethod: methodMessage(path) } : { path: pathMessage(path) }),
    headers: headers.map(valueMatchMessage),
    queryParams: queryParams.map(valueMatchMessage),
    ...(method === undefined ? {} : { method }),
  };
}

function pathMessage({ type, value }: HTTPPathMatch): wire.ValueMatch {
  return { $typeName: 'heddle.v1.ValueMatch', type: matchTypeNumbers[type], name: '', value };
}

function methodMessage({ by, service, method }: GRPCMethodMatch): wire.GRPCMethodMatch {
  return {
    $typeName: 'heddle.v1.GRPCMethodMatch',
    type: matchTypeNumbers[by],
    ...(service === undefined ? {} : { service }),
    ...(method === undefined ? {} : { method }),
  };
}

function valueMatchMessage({ type, name, value }: HeaderMatch): wire.ValueMatch {
  return { $typeName: 'heddle.v1.ValueMatch', type: matchTypeNumbers[type], name, value };
}

function backendMessage(backend: Backend): wire.Backend {
  const { namespace, name, port, weight, filters } = backend;
  return {
    $typeName: 'heddle.v1.Backend',
    namespace,
    name,
    port,
    weight,
    filters: filters.map(filterMessage),
    target: targetMessage(backend.target),
  };
}
