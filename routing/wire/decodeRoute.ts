import type { Backend, InvalidBackendReason, Route, Rule } from '../model.ts';
import { filterOf } from './decodeFilter.ts';
import { matchOf } from './decodeMatch.ts';
import { InvalidMessage, expect, expectBetween, expectPort, expectProtocol, expectText } from './expect.ts';
import type * as wire from './generated/heddle/v1/routing_pb.ts';

/** The route of a message. */
export function routeOf(message: wire.Route, field: string): Route {
  const createdAtMs = Number(message.createdAtMs);
  expect(message.kind === 'HTTPRoute', `${field}.kind`, `is ${JSON.stringify(message.kind)}, not HTTPRoute`);
  expect(Number.isSafeInteger(createdAtMs), `${field}.created_at_ms`, `is ${createdAtMs}, which is no time`);
  return {
    kind: message.kind,
    namespace: expectText(message.namespace, `${field}.namespace`),
    name: expectText(message.name, `${field}.name`),
    createdAtMs,
    rules: message.rules.map((rule, index) => ruleOf(rule, `${field}.rules[${index}]`)),
  };
}

function ruleOf(message: wire.Rule, field: string): Rule {
  expect(message.matches.length > 0, `${field}.matches`, 'is empty');
  return {
    index: message.index,
    ...(message.name === undefined ? {} : { name: message.name }),
    matches: message.matches.map((match, index) => matchOf(match, `${field}.matches[${index}]`)),
    filters: message.filters.map((filter, index) => filterOf(filter, `${field}.filters[${index}]`)),
    backends: message.backends.map((backend, index) => backendOf(backend, `${field}.backends[${index}]`)),
  };
}

function backendOf(message: wire.Backend, field: string): Backend {
  return {
    namespace: message.namespace,
    name: message.name,
    port: message.port,
    weight: expectBetween(message.weight, `${field}.weight`, [0, 1_000_000]),
    filters: message.filters.map((filter, index) => filterOf(filter, `${field}.filters[${index}]`)),
    target: targetOf(message, field),
  };
}

function targetOf({ target, port }: wire.Backend, field: string): Backend['target'] {
  if (target.case === 'invalid') {
    return { type: 'Invalid', reason: reasonOf(target.value.reason, field), message: target.value.message };
  }
  expect(target.case === 'endpoints', `${field}.target`, 'is missing or newer than this sidecar');
  expectPort(port, `${field}.port`);
  return {
    type: 'Endpoints',
    endpoints: expectText(target.value.name, `${field}.endpoints.name`),
    protocol: expectProtocol(target.value.protocol, `${field}.endpoints.protocol`),
  };
}

const reasons: readonly InvalidBackendReason[] = [
  'BackendNotFound',
  'InvalidKind',
  'RefNotPermitted',
  'UnsupportedProtocol',
];

function reasonOf(text: string, field: string): InvalidBackendReason {
  const reason = reasons.find((known) => known === text);
  if (reason !== undefined) return reason;
  throw new InvalidMessage(`${field}.invalid.reason is ${JSON.stringify(text)}, not one of ${reasons.join(', ')}`);
}
