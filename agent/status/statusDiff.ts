import { fieldsOf } from '../../runtime/json.ts';
import type { ObservedStatus } from '../cluster/observedStatus.ts';
import type { ParentRef } from '../objects/types.ts';
import type { ParentStatus, RouteStatus } from '../translate/result.ts';
import { sameConditions, writeConditions } from './conditions.ts';
import { controllerName } from '../../contract/objects.ts';
import { sameJson } from './sameJson.ts';

/** The limit of status.parents in the schema of routes. */
const maximumParents = 32;

/**
 * The list that status.parents of a route must become, or undefined when nothing is to be written. Entries of other
 * controllers stay as they are and where they are; ours are those that `desired` says, each in its old place if it had
 * one. Nothing is written over what was found of a newer generation of the route.
 */
export function diffParents(
  desired: RouteStatus,
  observed: ObservedStatus,
  nowMs: number,
): readonly unknown[] | undefined {
  if (isBehind(desired, observed)) return undefined;
  const missing = new Map(desired.parents.map((parent) => [keyOf(parent.parentRef, desired.namespace), parent]));
  const kept = observed.parents.flatMap((entry) => {
    if (!isOurs(entry)) return [entry];
    const key = keyOf(fieldsOf(entry)['parentRef'], desired.namespace);
    const parent = missing.get(key);
    missing.delete(key);
    return parent === undefined ? [] : [writeEntry(parent, entry, nowMs)];
  });
  const added = [...missing.values()].map((parent) => writeEntry(parent, undefined, nowMs));
  const parents = [...kept, ...added.slice(0, Math.max(0, maximumParents - kept.length))];
  const isSame =
    parents.length === observed.parents.length && parents.every((entry, index) => entry === observed.parents[index]);
  return isSame ? undefined : parents;
}

/** Whether one of our entries was written for a generation that exists and that we have not translated yet. */
function isBehind(desired: RouteStatus, observed: ObservedStatus): boolean {
  const translated = desired.parents[0]?.conditions[0]?.observedGeneration;
  if (translated === undefined) return false;
  return observed.parents.filter(isOurs).some((entry) => {
    const conditions = fieldsOf(entry)['conditions'];
    return (Array.isArray(conditions) ? conditions : []).some((condition) => {
      const written = fieldsOf(condition)['observedGeneration'];
      return typeof written === 'number' && written > translated && written <= observed.generation;
    });
  });
}

function isOurs(entry: unknown): boolean {
  return fieldsOf(entry)['controllerName'] === controllerName;
}

/** The entry of a parent; the very entry that stands there already if it says the same. */
function writeEntry({ parentRef, conditions }: ParentStatus, before: unknown, nowMs: number): unknown {
  const known = fieldsOf(before);
  const entry = {
    parentRef: writeParentRef(parentRef),
    controllerName,
    conditions: writeConditions(conditions, known['conditions'], nowMs),
  };
  const isSame = sameJson(known['parentRef'], entry.parentRef) && sameConditions(known['conditions'], entry.conditions);
  return isSame ? before : entry;
}

/** As the user wrote it; group and kind always, since their defaults mean a Gateway. */
function writeParentRef({ group, kind, namespace, name, sectionName, port }: ParentRef): object {
  return {
    group,
    kind,
    ...(namespace !== undefined && { namespace }),
    name,
    ...(sectionName !== undefined && { sectionName }),
    ...(port !== undefined && { port }),
  };
}

/** Equal for two parentRefs of a route that mean the same. */
function keyOf(parentRef: unknown, routeNamespace: string): string {
  const { group, kind, namespace, name, sectionName, port } = fieldsOf(parentRef);
  return JSON.stringify([group, kind, namespace ?? routeNamespace, name, sectionName ?? '', port ?? 0]);
}
