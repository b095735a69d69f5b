import { injectLabel, sidecarLabel, sidecarLabelValue } from '../../contract/labels.ts';
import { injectorName, trustConfigMap } from '../../contract/objects.ts';
import { caFile } from '../../contract/trustVolume.ts';
import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import { fieldsOf, type JsonObject, objectsOf, textOf } from '../../runtime/json.ts';

/** The namespaces whose label asks for injection. The API server answers from its cache. */
export async function listInjectedNamespaces(api: Api): Promise<readonly string[]> {
  const query = { labelSelector: `${injectLabel}=enabled`, resourceVersion: '0' };
  const list = fieldsOf(await api.request({ path: '/api/v1/namespaces', query }));
  return objectsOf(list['items'])
    .filter(({ status }) => fieldsOf(status)['phase'] !== 'Terminating')
    .flatMap(({ metadata }) => textOf(fieldsOf(metadata), 'name') ?? []);
}

/** The namespaces with pods that opted in themselves. The API server answers from its cache, with metadata only. */
export async function listOptedIn(api: Api): Promise<readonly string[]> {
  const labelSelector = `${injectLabel}=enabled,${sidecarLabel}=${sidecarLabelValue}`;
  const query = { labelSelector, resourceVersion: '0' };
  const list = fieldsOf(await api.request({ path: '/api/v1/pods', query, only: 'metadata' }));
  const namespaces = objectsOf(list['items']).flatMap(({ metadata }) => textOf(fieldsOf(metadata), 'namespace') ?? []);
  return [...new Set(namespaces)];
}

/** The ConfigMap heddle-ca of one namespace, undefined where there is none. */
export async function readConfigMap(api: Api, namespace: string): Promise<JsonObject | undefined> {
  try {
    return fieldsOf(await api.request({ path: `/api/v1/namespaces/${namespace}/configmaps/${trustConfigMap}` }));
  } catch (error) {
    if (isApiStatus(error, 404)) return undefined;
    throw error;
  }
}

/** All ConfigMaps heddle-ca of the cluster by namespace. */
export async function listConfigMaps(api: Api): Promise<ReadonlyMap<string, JsonObject>> {
  const query = { fieldSelector: `metadata.name=${trustConfigMap}` };
  const list = fieldsOf(await api.request({ path: '/api/v1/configmaps', query }));
  return new Map(
    objectsOf(list['items']).map((item) => [textOf(fieldsOf(item['metadata']), 'namespace') ?? '', item] as const),
  );
}

/**
 * Creates the ConfigMap of a namespace, or brings the one that was read to what it must say, at that version only.
 * Rejects with ApiError: 409 changed since, 404 or 403 when the namespace is gone or going.
 */
export async function putConfigMap(
  api: Api,
  place: { readonly namespace: string; readonly present: JsonObject | undefined },
  bundle: string,
): Promise<'written' | 'unchanged'> {
  const { namespace, present } = place;
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  if (present === undefined) {
    await api.request({ method: 'POST', path, body: configMap(namespace, bundle), timeoutMs: 2000 });
    return 'written';
  }
  if (says(present, bundle)) return 'unchanged';
  const { resourceVersion } = fieldsOf(present['metadata']);
  const object = configMap(namespace, bundle);
  const body = { ...object, metadata: { ...object.metadata, resourceVersion } };
  await api.request({ method: 'PUT', path: `${path}/${trustConfigMap}`, body });
  return 'written';
}

/** Whether a namespace's answer means that nothing can or need be written there. */
export function isGone(error: unknown): boolean {
  return isApiStatus(error, 404) || (isApiStatus(error, 403) && String(error).includes('being terminated'));
}

/** An owner, which earlier versions set, would take it from running sidecars when the webhook is deleted. */
function says(present: JsonObject, bundle: string): boolean {
  const owners = objectsOf(fieldsOf(present['metadata'])['ownerReferences']);
  return fieldsOf(present['data'])[caFile] === bundle && owners.length === 0;
}

function configMap(namespace: string, bundle: string) {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: trustConfigMap,
      namespace,
      labels: { 'app.kubernetes.io/part-of': 'heddle', 'app.kubernetes.io/managed-by': injectorName },
    },
    data: { [caFile]: bundle },
  };
}
