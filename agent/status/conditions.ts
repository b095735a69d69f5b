import { fieldsOf } from '../../runtime/json.ts';
import { sameJson } from './sameJson.ts';

/** A condition as it is to be, without its time. */
export type DesiredCondition = {
  readonly type: string;
  readonly status: boolean;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
};

/** The limit of metav1.Condition. */
const maximumMessage = 32_768;

/**
 * Conditions as metav1.Condition: lastTransitionTime stays that of the condition of this type before as long as its
 * status does.
 */
export function writeConditions(
  desired: readonly DesiredCondition[],
  before: unknown,
  nowMs: number,
): readonly Readonly<Record<string, unknown>>[] {
  const known = (Array.isArray(before) ? before : []).map(fieldsOf);
  return desired.map(({ type, reason, message, observedGeneration, ...condition }) => {
    const status = condition.status ? 'True' : 'False';
    const same = known.find((one) => one['type'] === type && one['status'] === status);
    return {
      type,
      status,
      reason,
      message: message.slice(0, maximumMessage).toWellFormed(),
      observedGeneration,
      lastTransitionTime: same?.['lastTransitionTime'] ?? printTime(nowMs),
    };
  });
}

/** Whether two lists of conditions say the same, whatever their order and the times of their changes. */
export function sameConditions(one: unknown, other: unknown): boolean {
  return sameJson(timeless(one), timeless(other));
}

function timeless(conditions: unknown): unknown {
  return (Array.isArray(conditions) ? conditions : [])
    .map((condition) => {
      const { lastTransitionTime: _, ...rest } = fieldsOf(condition);
      return rest;
    })
    .sort((left, right) => (String(left['type']) < String(right['type']) ? -1 : 1));
}

/** metav1.Time: whole seconds. */
function printTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
