import { create } from '@bufbuild/protobuf';
import type * as wire from './generated/heddle/v1/routing_pb.ts';
import {
  BackendSchema,
  EndpointsSchema,
  FilterSchema,
  MatchType,
  Protocol,
  RuleSchema,
  ServiceRoutingSchema,
} from './generated/heddle/v1/routing_pb.ts';
import { type Lack, lackedIn, lackedWithin, leaveOut } from './lack.ts';
import type { NewerPart } from './newer.ts';
import type { PlacedPart } from './newerIndex.ts';

/** `isRefusal`: the routing cannot be said to this sidecar, and every HTTP request to the Service port answers 500. */
export type OlderRouting = { readonly message: wire.ServiceRouting; readonly isRefusal: boolean };

/**
 * The routing as a sidecar can read it that lacks something: each filter, rule and backend that it would misread answers
 * 500 and names the capability; a match or a route that it would misread leaves nothing but a refusal. Changes `message`.
 */
export function olderRouting(message: wire.ServiceRouting, lack: Lack): OlderRouting {
  leaveOut(message, lack);
  const route = message.routes.find((each) => lackedInRoute(each, lack) !== undefined);
  const lacked = lackedIn(message, lack) ?? (route && lackedInRoute(route, lack));
  if (lacked !== undefined) return { message: refusal(message, lacked, route), isRefusal: true };
  for (const each of message.routes) each.rules = each.rules.map((rule) => olderRule(rule, lack));
  return { message, isRefusal: false };
}

/** The endpoints that such a sidecar can call, without what it cannot read of them. Changes `message`. */
export function olderEndpoints(message: wire.Endpoints, lack: Lack): wire.Endpoints {
  leaveOut(message, lack);
  const { name, endpoints } = message;
  if (lackedIn(message, lack) !== undefined) return create(EndpointsSchema, { name });
  message.endpoints = endpoints.filter((endpoint) => lackedWithin(endpoint, lack) === undefined);
  return message;
}

/** The ports of the pod of which such a sidecar can read what is said. Changes `message`. */
export function olderInbound(message: wire.Inbound, lack: Lack): wire.Inbound {
  leaveOut(message, lack);
  message.ports = message.ports.filter((port) => lackedWithin(port, lack) === undefined);
  return message;
}

/** With part of a route or a match unread, a rule would take requests that another one is for. */
function lackedInRoute(route: wire.Route, lack: Lack): PlacedPart | undefined {
  const inMatch = (match: wire.Match): PlacedPart | undefined => lackedWithin(match, lack);
  return lackedIn(route, lack) ?? first(route.rules, ({ matches }) => first(matches, inMatch));
}

/** What is not HTTP still goes to the Service's own endpoints. */
function refusal(
  { namespace, name, port, protocol, endpoints, routes }: wire.ServiceRouting,
  { part, field }: PlacedPart,
  because: wire.Route | undefined,
): wire.ServiceRouting {
  const route = because ?? routes[0] ?? { namespace, name };
  const matches = [{ path: { type: MatchType.PATH_PREFIX, value: '/' } }];
  return create(ServiceRoutingSchema, {
    namespace,
    name,
    port,
    protocol: field.name === 'protocol' ? Protocol.DETECT : protocol,
    endpoints,
    routes: [
      {
        kind: 'HTTPRoute',
        namespace: route.namespace,
        name: route.name,
        rules: [{ matches, filters: [failing(part)] }],
      },
    ],
  });
}

function olderRule(rule: wire.Rule, lack: Lack): wire.Rule {
  const { index, name, matches } = rule;
  const lacked = lackedIn(rule, lack);
  if (lacked === undefined) {
    rule.filters = rule.filters.map((filter) => olderFilter(filter, lack));
    rule.backends = rule.backends.map((backend) => olderBackend(backend, lack));
    return rule;
  }
  // Nothing of what it does counts any more.
  return create(RuleSchema, {
    index,
    ...(name === undefined ? {} : { name }),
    matches,
    filters: [failing(lacked.part)],
  });
}

function olderBackend(backend: wire.Backend, lack: Lack): wire.Backend {
  const { namespace, name, port, weight, target } = backend;
  const lacked = lackedIn(backend, lack) ?? (target.value && lackedWithin(target.value, lack));
  if (lacked === undefined) {
    backend.filters = backend.filters.map((filter) => olderFilter(filter, lack));
    return backend;
  }
  const value = { reason: 'InvalidKind', message: `${lacked.part.name}: ${adviceFor(lacked.part)}` };
  return create(BackendSchema, { namespace, name, port, weight, target: { case: 'invalid', value } });
}

function olderFilter(filter: wire.Filter, lack: Lack): wire.Filter {
  const lacked = lackedWithin(filter, lack);
  return lacked === undefined ? filter : failing(lacked.part);
}

function failing(part: NewerPart<string>): wire.Filter {
  const value = { name: part.name, message: adviceFor(part) };
  return create(FilterSchema, { kind: { case: 'unsupported', value } });
}

function adviceFor({ needs }: NewerPart<string>): string {
  return `this pod's sidecar is older than the agent and lacks ${needs}: restart the pod to upgrade it`;
}

function first<T>(parts: readonly T[], find: (part: T) => PlacedPart | undefined): PlacedPart | undefined {
  for (const part of parts) {
    const found = find(part);
    if (found !== undefined) return found;
  }
  return undefined;
}
