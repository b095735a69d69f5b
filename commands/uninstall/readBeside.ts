import { trustConfigMap } from '../../contract/objects.ts';
import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import type { Selection } from '../../kubernetes/listObjects.ts';
import type { RawObject } from '../../kubernetes/rawObject.ts';
import { cannotAsk } from '../cluster/useCluster.ts';
import { listRaw } from '../cluster/listRaw.ts';
import type { Beside } from './remains.ts';

/** Reads what a cluster has of a mesh beside what was installed; what may not be listed is left out. Throws CannotLook. */
export async function readBeside(api: Api): Promise<Beside> {
  const list = (path: string, selection?: Selection): Promise<readonly RawObject[] | undefined> =>
    listIfAllowed(api, path, selection);
  const [namespaces, pods, configMaps, httpRoutes, grpcRoutes, clusterRoles] = await Promise.all([
    list('/api/v1/namespaces'),
    list('/api/v1/pods'),
    list('/api/v1/configmaps', { fieldSelector: `metadata.name=${trustConfigMap}` }),
    list('/apis/gateway.networking.k8s.io/v1/httproutes'),
    list('/apis/gateway.networking.k8s.io/v1/grpcroutes'),
    list('/apis/rbac.authorization.k8s.io/v1/clusterroles', { labelSelector: 'app.kubernetes.io/part-of=heddle' }),
  ]);
  return { namespaces, pods, configMaps, routes: [...(httpRoutes ?? []), ...(grpcRoutes ?? [])], clusterRoles };
}

async function listIfAllowed(api: Api, path: string, selection?: Selection): Promise<readonly RawObject[] | undefined> {
  try {
    return await listRaw(api, path, selection);
  } catch (error) {
    if (isApiStatus(error, 403)) return undefined;
    throw cannotAsk(error, 'list it');
  }
}
