import type { Field } from './field.ts';
import { gatewayGroup, type ParentRef } from './types.ts';

/** Decodes a parentRef of a route of any kind with the defaults of its schema. */
export function decodeParentRef(ref: Field): ParentRef {
  return {
    group: ref.at('group').optionalString() ?? gatewayGroup,
    kind: ref.at('kind').optionalString() ?? 'Gateway',
    namespace: ref.at('namespace').optionalString(),
    name: ref.at('name').string(),
    port: ref.at('port').optionalInteger(1, 65_535),
    sectionName: ref.at('sectionName').optionalString(),
  };
}
