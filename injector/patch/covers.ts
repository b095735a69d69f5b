import { isObject } from '../../runtime/json.ts';

/**
 * Whether `current` says all that `desired` says. What others added (defaults of the API server, environment or mounts
 * of another webhook) does not matter: elements of lists are found by their name or mount path. Nothing is as good as
 * an empty list or object, which the API server leaves out.
 */
export function covers(current: unknown, desired: unknown): boolean {
  if (current === undefined && isEmpty(desired)) return true;
  if (Array.isArray(desired)) return Array.isArray(current) && coversList(current, desired);
  if (!isObject(desired)) return current === desired;
  return isObject(current) && Object.entries(desired).every(([key, value]) => covers(current[key], value));
}

function coversList(current: readonly unknown[], desired: readonly unknown[]): boolean {
  const named = desired.every((item) => keyOf(item) !== undefined);
  if (!named) return current.length === desired.length && desired.every((item, index) => covers(current[index], item));
  return desired.every((item) =>
    covers(
      current.find((other) => keyOf(other) === keyOf(item)),
      item,
    ),
  );
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function keyOf(item: unknown): unknown {
  return isObject(item) ? (item['name'] ?? item['mountPath']) : undefined;
}
