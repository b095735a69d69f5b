import type { Filter, Route, Rule } from '../model.ts';
import { backendOf } from './decodeBackend.ts';
import { filterOf } from './decodeFilter.ts';
import { matchOf } from './decodeMatch.ts';
import { hasNewerPolicies, policiesOf } from './decodePolicies.ts';
import { expect, expectNoUnknownFields, expectText, hasUnknownFields } from './expect.ts';
import type * as wire from './generated/heddle/v1/routing_pb.ts';

/** The route of a message. A field that this version does not know is an error: it may change what the route matches. */
export function routeOf(message: wire.Route, field: string): Route {
  const createdAtMs = Number(message.createdAtMs);
  expectNoUnknownFields(message, field);
  const kind = kinds.find((known) => known === message.kind);
  expect(kind !== undefined, `${field}.kind`, `is ${JSON.stringify(message.kind)}, not ${kinds.join(' or ')}`);
  expect(Number.isSafeInteger(createdAtMs), `${field}.created_at_ms`, `is ${createdAtMs}, which is no time`);
  return {
    kind,
    namespace: expectText(message.namespace, `${field}.namespace`),
    name: expectText(message.name, `${field}.name`),
    createdAtMs,
    rules: message.rules.map((rule, index) => ruleOf(rule, `${field}.rules[${index}]`)),
  };
}

const kinds: readonly Route['kind'][] = ['HTTPRoute', 'GRPCRoute'];

function ruleOf(message: wire.Rule, field: string): Rule {
  expect(message.matches.length > 0, `${field}.matches`, 'is empty');
  const filters = message.filters.map((filter, index) => filterOf(filter, `${field}.filters[${index}]`));
  return {
    index: message.index,
    ...(message.name === undefined ? {} : { name: message.name }),
    matches: message.matches.map((match, index) => matchOf(match, `${field}.matches[${index}]`)),
    // What is new in a rule changes what is done with a request, not which requests match.
    filters: hasUnknownFields(message) || hasNewerPolicies(message) ? [newer, ...filters] : filters,
    backends: message.backends.map((backend, index) => backendOf(backend, `${field}.backends[${index}]`)),
    ...policiesOf(message, field),
  };
}

const newer: Filter = Object.freeze({
  type: 'Unsupported',
  name: 'unknown',
  message: 'The agent sent a part of this rule that this sidecar is too old for: upgrade the sidecar',
});
