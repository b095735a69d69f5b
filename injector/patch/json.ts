/** A JSON object as it came over the network: nothing about its members is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object, not a list or null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value where it is an object, else an empty one: for members whose absence means nothing. */
export function objectOr(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The text of a member, or undefined for any other type. */
export function textOf(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  return typeof value === 'string' ? value : undefined;
}

/** The objects of a list; what is not an object is left out, what is not a list is an empty one. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((item) => isObject(item)) : [];
}

/**
 * Whether `current` says all that `desired` says. What others added (defaults of the API server, environment or mounts
 * of another webhook) does not matter: elements of lists are found by their name or mount path.
 */
export function covers(current: unknown, desired: unknown): boolean {
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

function keyOf(item: unknown): unknown {
  return isObject(item) ? (item['name'] ?? item['mountPath']) : undefined;
}
