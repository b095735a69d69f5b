import type { Backend, InvalidBackendReason } from '../model.ts';
import { filterOf } from './decodeFilter.ts';
import { expect, expectBetween, expectPort, expectProtocol, expectText, hasUnknownFields, tooOld } from './expect.ts';
import type * as wire from './generated/heddle/v1/routing_pb.ts';
import { protocolNumbers } from './words.ts';

/** The backend of a message. One of which a newer agent says more than this version knows keeps its weight and is invalid. */
export function backendOf(message: wire.Backend, field: string): Backend {
  return {
    namespace: message.namespace,
    name: message.name,
    port: message.port,
    weight: expectBetween(message.weight, `${field}.weight`, [0, 1_000_000]),
    filters: message.filters.map((filter, index) => filterOf(filter, `${field}.filters[${index}]`)),
    target: targetOf(message, field),
  };
}

type Target = Backend['target'];

function targetOf(message: wire.Backend, field: string): Target {
  const { target, port } = message;
  if (target.case === 'invalid') return invalidOf(target.value);
  // A kind of target that is not known is such a field, too.
  if (hasUnknownFields(message)) return newer;
  expect(target.case === 'endpoints', `${field}.target`, 'is missing');
  expectPort(port, `${field}.port`);
  const { name, protocol } = target.value;
  if (hasUnknownFields(target.value)) return newer;
  if (protocol > highestProtocol) return invalid('UnsupportedProtocol', `its protocol is ${protocol}, ${tooOld}`);
  return {
    type: 'Endpoints',
    endpoints: expectText(name, `${field}.endpoints.name`),
    protocol: expectProtocol(protocol, `${field}.endpoints.protocol`),
  };
}

const newer = invalid(
  'InvalidKind',
  'The agent sent a part of this backend that this sidecar is too old for: upgrade the sidecar',
);
const highestProtocol = Math.max(...Object.values(protocolNumbers));

const reasons: readonly InvalidBackendReason[] = [
  'BackendNotFound',
  'InvalidKind',
  'RefNotPermitted',
  'UnsupportedProtocol',
];

function invalidOf({ reason, message }: wire.InvalidBackend): Target {
  const known = reasons.find((each) => each === reason);
  return known === undefined ? invalid('InvalidKind', `${reason}: ${message}`) : invalid(known, message);
}

function invalid(reason: InvalidBackendReason, message: string): Target {
  return { type: 'Invalid', reason, message };
}
