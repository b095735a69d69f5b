import { fieldsOf, numberOf, textOf } from '../runtime/json.ts';
import type { LeaseAction, LeaseRecord, LeaseTiming } from './leaseState.ts';

/** The Lease object that makes `identity` its holder, at wall-clock time `wallMs`. */
export function takenLease(
  action: Exclude<LeaseAction, { type: 'wait' }>,
  { namespace, name, identity, timing }: LeaseName & { readonly identity: string; readonly timing: LeaseTiming },
  wallMs: number,
): unknown {
  const before = action.type === 'update' ? action.from : undefined;
  const isOurs = before?.holder === identity;
  return leaseObject(
    { namespace, name, resourceVersion: before?.resourceVersion },
    {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(timing.leaseDurationMs / 1000),
      acquireTime: (isOurs ? before.acquireTime : undefined) ?? microTime(wallMs),
      renewTime: microTime(wallMs),
      leaseTransitions: before === undefined ? 0 : before.transitions + (isOurs ? 0 : 1),
    },
  );
}

/** The Lease object that gives the Lease up, so that the next one need not wait for it to expire. */
export function releasedLease({ namespace, name }: LeaseName, held: LeaseRecord, wallMs: number): unknown {
  return leaseObject(
    { namespace, name, resourceVersion: held.resourceVersion },
    {
      leaseDurationSeconds: 1,
      renewTime: microTime(wallMs),
      leaseTransitions: held.transitions,
    },
  );
}

export type LeaseName = { readonly namespace: string; readonly name: string };

/** Reads what the API server answered; what is missing or of another type counts as not given. */
export function readLease(object: unknown): LeaseRecord {
  const metadata = fieldsOf(fieldsOf(object)['metadata']);
  const spec = fieldsOf(fieldsOf(object)['spec']);
  const seconds = numberOf(spec, 'leaseDurationSeconds');
  return {
    resourceVersion: textOf(metadata, 'resourceVersion') ?? '',
    holder: textOf(spec, 'holderIdentity') ?? '',
    durationMs: seconds === undefined ? undefined : seconds * 1000,
    acquireTime: textOf(spec, 'acquireTime'),
    renewTime: textOf(spec, 'renewTime'),
    transitions: numberOf(spec, 'leaseTransitions') ?? 0,
  };
}

function leaseObject(metadata: object, spec: object): unknown {
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
}

/** MicroTime of the Kubernetes API. */
function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace('Z', '000Z');
}
