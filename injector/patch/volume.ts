import { trustConfigMap } from '../../contract/objects.ts';
import { caFile, tokenAudience, tokenFile, trustVolume } from '../../contract/trustVolume.ts';
import { fieldsOf, type JsonObject, objectsOf } from '../../runtime/json.ts';

/**
 * The token that proves which pod it is, and the CAs that it trusts. The sidecar's user can read both: the kubelet
 * narrows a projected token to one owner only where all containers run as the same user (ours never do: 0 and 1337),
 * and with an fsGroup it opens it to that group, which every container of the pod is in. It is given whether or not
 * the pod mounts its ServiceAccount's own token. The ConfigMap is optional so that a pod can start before it is there.
 */
export function trustVolumeSpec(): JsonObject {
  return {
    name: trustVolume,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { path: tokenFile, audience: tokenAudience, expirationSeconds: 3600 } },
        { configMap: { name: trustConfigMap, optional: true, items: [{ key: caFile, path: caFile }] } },
      ],
    },
  };
}

/** Whether a volume is one that we gave, now or in an earlier version: a token for our agents is in it. */
export function isOurVolume(volume: JsonObject): boolean {
  return objectsOf(fieldsOf(volume['projected'])['sources']).some(({ serviceAccountToken }) => {
    return fieldsOf(serviceAccountToken)['audience'] === tokenAudience;
  });
}
