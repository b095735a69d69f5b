import type { AttachedParent, AttachedRoute } from './attach.ts';
import type { Refusal } from './judge.ts';
import { joinMessages } from './messages.ts';
import type { BareCondition, RouteStatus } from './result.ts';
import type { Rejection } from './unresolved.ts';

/** The status of a route, once it is known where it serves: `refusedAt` says why it does not at a port. */
export function translateStatus(
  { object, parents, rejections }: AttachedRoute,
  refusedAt: (port: string) => Refusal | undefined,
): RouteStatus {
  const { kind, meta } = object;
  const { namespace, name, uid, generation: observedGeneration } = meta;
  return {
    kind,
    namespace,
    name,
    uid,
    parents: parents.map(({ parentRef, parent, refs }) => ({
      parentRef,
      conditions: [
        { ...accepted(parent, rejections, refusedAt), observedGeneration },
        { ...refs, observedGeneration },
      ],
    })),
  };
}

function accepted(
  parent: AttachedParent['parent'],
  rejections: readonly Rejection[],
  refusedAt: (port: string) => Refusal | undefined,
): BareCondition {
  if (!parent.ok) return { type: 'Accepted', status: false, reason: parent.reason, message: parent.message };
  const [first] = rejections.toSorted((one, other) => rank(one) - rank(other));
  if (first !== undefined) {
    const message = joinMessages(rejections.map((rejection) => rejection.message));
    return { type: 'Accepted', status: false, reason: first.reason, message };
  }
  const refusals = parent.ports.map(refusedAt).filter((refusal) => refusal !== undefined);
  const [refusal] = refusals;
  const refused = refusals.map(({ message }) => message);
  // A route for all ports serves at those that are left.
  if (refusal !== undefined && refusals.length === parent.ports.length)
    return { type: 'Accepted', status: false, reason: refusal.reason, message: joinMessages(refused) };
  const message = ['Route is accepted', ...parent.notes, ...refused].join('; ');
  return { type: 'Accepted', status: true, reason: 'Accepted', message };
}

function rank({ reason }: Rejection): number {
  return reason === 'IncompatibleFilters' ? 0 : 1;
}
