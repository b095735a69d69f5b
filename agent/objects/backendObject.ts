import type { Field } from './field.ts';
import type { BackendObjectReference } from './types.ts';

/** Decodes what names a backend, with the defaults of its schema: a Service. */
export function decodeBackendObject(ref: Field): BackendObjectReference {
  return {
    group: ref.at('group').optionalString() ?? '',
    kind: ref.at('kind').optionalString() ?? 'Service',
    namespace: ref.at('namespace').optionalString(),
    name: ref.at('name').string(),
    port: ref.at('port').optionalInteger(1, 65_535),
  };
}
