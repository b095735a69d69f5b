import type { Field } from './field.ts';
import { decodeParentRef } from './parentRef.ts';
import type { Meta, UnbuiltKind, UnbuiltRoute } from './types.ts';

/** Returns what decodes routes of a kind that is not built: whatever else they say, nothing follows from it. */
export function decodeUnbuilt(kind: UnbuiltKind): (object: Field, meta: Meta) => UnbuiltRoute {
  return (object, meta) => ({ kind, meta, parentRefs: object.at('spec').at('parentRefs').list(decodeParentRef) });
}
