import type { Backend } from '../../routing/model.ts';
import type { HTTPRoute, ParentRef } from '../objects/types.ts';
import type { Rejection } from './httpRoute/rules.ts';
import type { Parent } from './parents.ts';
import type { Condition, ParentStatus } from './result.ts';

export type Findings = {
  readonly parentRef: ParentRef;
  readonly parent: Parent;
  readonly rejections: readonly Rejection[];
  readonly backends: readonly Backend[];
};

/** The status of a route at one parent: Accepted and ResolvedRefs. */
export function translateParentStatus(route: HTTPRoute, findings: Findings): ParentStatus {
  const observedGeneration = route.meta.generation;
  return {
    parentRef: findings.parentRef,
    conditions: [
      { ...accepted(findings), observedGeneration },
      { ...resolvedRefs(findings.backends), observedGeneration },
    ],
  };
}

type Bare<C> = C extends Condition ? Omit<C, 'observedGeneration'> : never;

function accepted({ parent, rejections }: Findings): Bare<Condition> {
  if (!parent.ok) return { type: 'Accepted', status: false, reason: parent.reason, message: parent.message };
  const [first] = rejections.toSorted((one, other) => rank(one) - rank(other));
  if (first !== undefined) {
    const message = join(rejections.map((rejection) => rejection.message));
    return { type: 'Accepted', status: false, reason: first.reason, message };
  }
  const message = ['Route is accepted', ...parent.notes].join('; ');
  return { type: 'Accepted', status: true, reason: 'Accepted', message };
}

function rank({ reason }: Rejection): number {
  return reason === 'IncompatibleFilters' ? 0 : 1;
}

function resolvedRefs(backends: readonly Backend[]): Bare<Condition> {
  const invalid = backends.map(({ target }) => target).filter((target) => target.type === 'Invalid');
  const [first] = invalid;
  if (first !== undefined) {
    const message = join(invalid.map((target) => target.message));
    return { type: 'ResolvedRefs', status: false, reason: first.reason, message };
  }
  return { type: 'ResolvedRefs', status: true, reason: 'ResolvedRefs', message: 'All references are resolved' };
}

const shownMessages = 3;

function join(messages: readonly string[]): string {
  const distinct = [...new Set(messages)];
  const more = distinct.length - shownMessages;
  return [...distinct.slice(0, shownMessages), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
