import { fieldsOf, isObject, type JsonObject, objectsOf } from '../../runtime/json.ts';

/** Under which name this command owns fields. */
export const fieldManager = 'heddle';

/**
 * metadata.managedFields in which this command owns what kubectl has applied, so that what a version does not have any more
 * goes, as it would with kubectl; undefined where kubectl owns nothing. Both ways of `kubectl apply` are meant.
 */
export function adoptedFields(object: JsonObject): readonly JsonObject[] | undefined {
  const entries = objectsOf(fieldsOf(object['metadata'])['managedFields']);
  const taken = entries.filter(isOfKubectl);
  const [first] = taken;
  if (first === undefined) return undefined;
  const own = entries.filter(isOwn);
  const fieldsV1 = [...own, ...taken].map((entry) => entry['fieldsV1']).reduce(union, {});
  const adopted = { ...(own[0] ?? first), manager: fieldManager, operation: 'Apply', fieldsV1 };
  return [adopted, ...entries.filter((entry) => !isOfKubectl(entry) && !isOwn(entry))];
}

function isOwn({ manager, operation, subresource }: JsonObject): boolean {
  return manager === fieldManager && operation === 'Apply' && subresource === undefined;
}

function isOfKubectl({ manager, operation, subresource }: JsonObject): boolean {
  if (subresource !== undefined) return false;
  return (
    (manager === 'kubectl-client-side-apply' && operation === 'Update') ||
    (manager === 'kubectl' && operation === 'Apply')
  );
}

function union(one: unknown, other: unknown): unknown {
  if (!isObject(one) || !isObject(other)) return isObject(one) ? one : other;
  const merged: Record<string, unknown> = { ...one };
  for (const [key, value] of Object.entries(other)) merged[key] = key in one ? union(one[key], value) : value;
  return merged;
}
