import { isObject } from '../../runtime/json.ts';

/** Whether an object says all that another says; what the API server and others have added to it does not count. */
export function contains(object: unknown, wanted: unknown): boolean {
  // What means nothing the API server leaves out: `globalDefault: false`.
  if (object === undefined) return wanted === false || wanted === 0 || wanted === '';
  if (Array.isArray(wanted))
    return (
      Array.isArray(object) &&
      object.length === wanted.length &&
      wanted.every((item, at) => contains((object as unknown[])[at], item))
    );
  if (!isObject(wanted)) return object === wanted;
  return isObject(object) && Object.entries(wanted).every(([key, value]) => contains(object[key], value));
}
