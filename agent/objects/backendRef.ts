import { decodeBackendObject } from './backendObject.ts';
import type { Field } from './field.ts';
import { decodeFilter } from './httpFilter.ts';
import type { HTTPBackendRef } from './types.ts';

const fields = ['group', 'kind', 'namespace', 'name', 'port', 'weight', 'filters'];
const maximumWeight = 1_000_000;

/** Decodes a backendRef of a rule, whose shape is the same in an HTTPRoute and in a GRPCRoute. */
export function decodeBackendRef(ref: Field): HTTPBackendRef {
  return {
    ...decodeBackendObject(ref),
    weight: ref.at('weight').optionalInteger(0, maximumWeight) ?? 1,
    filters: ref.at('filters').list(decodeFilter),
    unknownFields: ref.keysBesides(fields),
  };
}
