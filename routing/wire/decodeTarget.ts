import type { BackendTarget, InvalidBackendReason } from '../model.ts';
import { expect, expectPort, expectProtocol, expectText, hasUnknownFields, tooOld } from './expect.ts';
import type * as wire from './generated/heddle/v1/routing_pb.ts';
import { protocolNumbers } from './words.ts';

/** A message that says where endpoints are found. */
export type WithTarget = wire.Backend | wire.RequestMirror;

/** Where endpoints are found; of what a newer agent says more than this version knows there are none. */
export function targetOf(message: WithTarget, field: string): BackendTarget {
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

/** Whether it says more of its endpoints than this version knows. */
export function hasNewerTarget({ target }: WithTarget): boolean {
  if (target.value === undefined) return false;
  return hasUnknownFields(target.value) || (target.case === 'endpoints' && target.value.protocol > highestProtocol);
}

const reasons: readonly InvalidBackendReason[] = [
  'BackendNotFound',
  'InvalidKind',
  'RefNotPermitted',
  'UnsupportedProtocol',
];

function invalidOf({ reason, message }: wire.InvalidBackend): BackendTarget {
  const known = reasons.find((each) => each === reason);
  return known === undefined ? invalid('InvalidKind', `${reason}: ${message}`) : invalid(known, message);
}

function invalid(reason: InvalidBackendReason, message: string): BackendTarget {
  return { type: 'Invalid', reason, message };
}
