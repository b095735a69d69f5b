import { type KubernetesObject, objectKey } from '../../agent/objects/types.ts';

/**
 * The objects that there would be after `kubectl apply` of some files: what is there keeps its age and its address, what is
 * new is younger than all. `prune`: what the files do not have goes, but for what nobody writes: endpoints and pods.
 */
export function mergeObjects(
  before: readonly KubernetesObject[],
  applied: readonly KubernetesObject[],
  { prune, nowMs }: { readonly prune: boolean; readonly nowMs: number },
): readonly KubernetesObject[] {
  const known = new Map(before.map((object) => [objectKey(object), object]));
  const merged = new Map(prune ? before.filter(isMade).map((object) => [objectKey(object), object]) : [...known]);
  for (const object of applied) merged.set(objectKey(object), replace(known.get(objectKey(object)), object, nowMs));
  return [...merged.values()];
}

/** By controllers. */
function isMade({ kind }: KubernetesObject): boolean {
  return kind === 'EndpointSlice' || kind === 'Pod';
}

function replace(before: KubernetesObject | undefined, after: KubernetesObject, nowMs: number): KubernetesObject {
  const { createdAtMs, uid } = before?.meta ?? { createdAtMs: after.meta.createdAtMs || nowMs, uid: after.meta.uid };
  const dated: KubernetesObject = { ...after, meta: { ...after.meta, createdAtMs, uid } };
  if (dated.kind !== 'Service' || before?.kind !== 'Service' || dated.clusterIPs.length > 0) return dated;
  return dated.headless || dated.type === 'ExternalName' ? dated : { ...dated, clusterIPs: before.clusterIPs };
}
