import type { BackendTarget } from '../../routing/model.ts';
import { joinMessages } from './messages.ts';
import type { BareCondition } from './result.ts';

/** The condition ResolvedRefs of a route at one parent. */
export type ResolvedRefs = Extract<BareCondition, { type: 'ResolvedRefs' }>;

const allResolved: ResolvedRefs = {
  type: 'ResolvedRefs',
  status: true,
  reason: 'ResolvedRefs',
  message: 'All references are resolved',
};

/** Whether all backends and mirrors of a route lead somewhere. */
export function resolvedRefs(targets: readonly BackendTarget[]): ResolvedRefs {
  const invalid = targets.filter((target) => target.type === 'Invalid');
  const [first] = invalid;
  if (first === undefined) return allResolved;
  const message = joinMessages(invalid.map((target) => target.message));
  return { type: 'ResolvedRefs', status: false, reason: first.reason, message };
}
