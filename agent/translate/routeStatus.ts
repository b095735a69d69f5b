import type { AttachedParent, AttachedRoute } from './attach.ts';
import type { Refusal } from './judge.ts';
import { joinMessages } from './messages.ts';
import type { BareCondition, Condition, RouteStatus } from './result.ts';
import { printRejection, type Rejection } from './unresolved.ts';

/** What came of a route at one port. */
export type PortOutcome = {
  /** Why it does not serve there. */
  readonly refusal: Refusal | undefined;
  /** Which others do not serve there because of it. */
  readonly displacing: readonly string[];
  /** What of it never gets a request there. */
  readonly shadowed: readonly string[];
};

/** The status of a route, once it is known where it serves. */
export function translateStatus(route: AttachedRoute, outcomeAt: (port: string) => PortOutcome): RouteStatus {
  const { kind, meta } = route.object;
  const { namespace, name, uid, generation: observedGeneration } = meta;
  const dated = (condition: BareCondition): Condition => ({ ...condition, observedGeneration });
  return {
    kind,
    namespace,
    name,
    uid,
    ...(route.mistakes.length > 0 && { mistakes: route.mistakes }),
    parents: route.parents.map(({ parentRef, parent, refs }) => {
      const acceptance = accepted(parent, route, outcomeAt);
      const partial = acceptance.status && route.rejections.length > 0 ? [partiallyInvalid(route.rejections)] : [];
      return { parentRef, conditions: [acceptance, ...(refs === undefined ? [] : [refs]), ...partial].map(dated) };
    }),
  };
}

function accepted(
  parent: AttachedParent['parent'],
  { rejections, isValid }: AttachedRoute,
  outcomeAt: (port: string) => PortOutcome,
): BareCondition {
  if (!parent.ok) return { type: 'Accepted', status: false, reason: parent.reason, message: parent.message };
  const [first] = rejections.toSorted((one, other) => rank(one) - rank(other));
  if (first !== undefined && !isValid) {
    const message = joinMessages(rejections.map(printRejection));
    return { type: 'Accepted', status: false, reason: first.reason, message };
  }
  const outcomes = parent.ports.map(outcomeAt);
  const refusals = outcomes.map(({ refusal }) => refusal).filter((refusal) => refusal !== undefined);
  const [refusal] = refusals;
  const refused = refusals.map(({ message }) => message);
  // A route for all ports serves at those that are left.
  if (refusal !== undefined && refusals.length === parent.ports.length)
    return { type: 'Accepted', status: false, reason: refusal.reason, message: joinMessages(refused) };
  const shadowed = outcomes.flatMap((outcome) => outcome.shadowed);
  const displacing = outcomes.flatMap((outcome) => outcome.displacing);
  const message = joinMessages(['Route is accepted', ...parent.notes, ...refused, ...displacing, ...shadowed]);
  return { type: 'Accepted', status: true, reason: 'Accepted', message };
}

/**
 * Some rules are valid: https://gateway-api.sigs.k8s.io/reference/spec/#routeconditiontype wants the words to begin so.
 * The others still match, so that their requests are not answered by a rule with fewer conditions.
 */
function partiallyInvalid(rejections: readonly Rejection[]): BareCondition {
  const message = `Dropped ${joinMessages(rejections.map(printRejection)).replace(/^rule/, 'Rule')}; what is dropped answers 500 or never matches`;
  return { type: 'PartiallyInvalid', status: true, reason: 'UnsupportedValue', message };
}

function rank({ reason }: Rejection): number {
  return reason === 'IncompatibleFilters' ? 0 : 1;
}
