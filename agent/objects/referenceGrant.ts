import type { Field } from './field.ts';
import type { Meta, ReferenceGrant } from './types.ts';

/** Decodes a gateway.networking.k8s.io ReferenceGrant (v1beta1 and v1 have one shape). */
export function decodeReferenceGrant(object: Field, meta: Meta): ReferenceGrant {
  const spec = object.at('spec');
  return {
    kind: 'ReferenceGrant',
    meta,
    from: spec.at('from').list((from) => ({
      group: from.at('group').optionalString() ?? '',
      kind: from.at('kind').string(),
      namespace: from.at('namespace').string(),
    })),
    to: spec.at('to').list((to) => ({
      group: to.at('group').optionalString() ?? '',
      kind: to.at('kind').string(),
      name: to.at('name').optionalString(),
    })),
  };
}
