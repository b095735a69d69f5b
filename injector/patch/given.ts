import { opaquePortsOfPods } from './knownKeys.ts';
import type { JsonObject } from '../../runtime/json.ts';

/** The namespace of a pod, as far as it says something of the pod's sidecar. */
export type NamespaceSays = { readonly name: string; readonly annotations: JsonObject };

/** What an annotation says: its text, and for messages where it stands. Undefined where nobody gave it. */
export type Give = (annotation: string) => { readonly value: unknown; readonly what: string } | undefined;

/** Annotations of a pod, and where it says nothing, those of its namespace. */
export function giveFrom(pod: { readonly annotations: JsonObject }, namespace: NamespaceSays | undefined): Give {
  return (annotation) => {
    const own = pod.annotations[annotation];
    if (own !== undefined) return { value: own, what: `annotation ${annotation}` };
    const value = annotation === opaquePortsOfPods ? undefined : namespace?.annotations[annotation];
    return value === undefined
      ? undefined
      : { value, what: `annotation ${annotation} of namespace ${namespace?.name ?? ''}` };
  };
}
