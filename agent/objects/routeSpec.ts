import { decodeBackendRef } from './backendRef.ts';
import type { Field } from './field.ts';
import { decodeFilter } from './httpFilter.ts';
import { decodeParentRef } from './parentRef.ts';
import type { BuiltRoute, RouteRule } from './types.ts';

const specFields = ['parentRefs', 'hostnames', 'rules', 'useDefaultGateways'];

/** Decodes what the spec of a route has besides its rules, whatever its kind. */
export function decodeSpec(spec: Field): Pick<BuiltRoute, 'parentRefs' | 'hostnames' | 'unknownFields'> {
  return {
    parentRefs: spec.at('parentRefs').list(decodeParentRef),
    hostnames: spec.at('hostnames').list((hostname) => hostname.string()),
    unknownFields: spec.keysBesides(specFields),
  };
}

/** The fields that a rule has whatever its kind of route. */
export const ruleFields = ['name', 'matches', 'filters', 'backendRefs', 'sessionPersistence'];

/** Decodes what a rule has whatever its kind of route; `fields` are all that it may have. */
export function decodeRule<M>(
  rule: Field,
  decodeMatch: (match: Field) => M,
  fields: readonly string[] = ruleFields,
): RouteRule<M> {
  return {
    name: rule.at('name').optionalString(),
    matches: rule.at('matches').list(decodeMatch),
    filters: rule.at('filters').list(decodeFilter),
    backendRefs: rule.at('backendRefs').list(decodeBackendRef),
    sessionPersistence: !rule.at('sessionPersistence').isAbsent,
    unknownFields: rule.keysBesides(fields),
  };
}
