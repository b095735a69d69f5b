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
  const metadata = fields(fields(object)['metadata']);
  const spec = fields(fields(object)['spec']);
  const seconds = spec['leaseDurationSeconds'];
  const transitions = spec['leaseTransitions'];
  return {
    resourceVersion: text(metadata['resourceVersion']) ?? '',
    holder: text(spec['holderIdentity']) ?? '',
    durationMs: typeof seconds === 'number' ? seconds * 1000 : undefined,
    acquireTime: text(spec['acquireTime']),
    renewTime: text(spec['renewTime']),
    transitions: typeof transitions === 'number' ? transitions : 0,
  };
}

function leaseObject(metadata: object, spec: object): unknown {
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
}

/** MicroTime of the Kubernetes API. */
function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace('Z', '000Z');
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
