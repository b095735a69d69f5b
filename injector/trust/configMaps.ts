import { injectLabel } from '../../contract/labels.ts';
import { injectorName, trustConfigMap } from '../../contract/objects.ts';
import { caFile } from '../../contract/trustVolume.ts';
import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import { fieldsOf, type JsonObject, objectsOf, textOf } from '../../runtime/json.ts';
import type { Webhook } from './webhook.ts';

/** What every ConfigMap heddle-ca must say: the bundle, and that it goes when the webhook configuration goes. */
export type TrustBundle = { readonly pem: string; readonly owner: Pick<Webhook, 'name' | 'uid'> };

/** The namespaces whose label asks for injection. The API server answers from its cache. */
export async function listInjectedNamespaces(api: Api): Promise<readonly string[]> {
  const query = { labelSelector: `${injectLabel}=enabled`, resourceVersion: '0' };
  const list = fieldsOf(await api.request({ path: '/api/v1/namespaces', query }));
  return objectsOf(list['items'])
    .filter(({ status }) => fieldsOf(status)['phase'] !== 'Terminating')
    .flatMap(({ metadata }) => textOf(fieldsOf(metadata), 'name') ?? []);
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
  wanted: TrustBundle,
): Promise<'written' | 'unchanged'> {
  const { namespace, present } = place;
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  if (present === undefined) {
    await api.request({ method: 'POST', path, body: configMap(namespace, wanted), timeoutMs: 2000 });
    return 'written';
  }
  if (says(present, wanted)) return 'unchanged';
  const { resourceVersion } = fieldsOf(present['metadata']);
  const object = configMap(namespace, wanted);
  const body = { ...object, metadata: { ...object.metadata, resourceVersion } };
  await api.request({ method: 'PUT', path: `${path}/${trustConfigMap}`, body });
  return 'written';
}

/** Whether a namespace's answer means that nothing can or need be written there. */
export function isGone(error: unknown): boolean {
  return isApiStatus(error, 404) || (isApiStatus(error, 403) && String(error).includes('being terminated'));
}

function says(present: JsonObject, { pem, owner }: TrustBundle): boolean {
  const owners = objectsOf(fieldsOf(present['metadata'])['ownerReferences']);
  return fieldsOf(present['data'])[caFile] === pem && owners.some(({ uid }) => uid === owner.uid);
}

function configMap(namespace: string, { pem, owner }: TrustBundle) {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: trustConfigMap,
      namespace,
      labels: { 'app.kubernetes.io/part-of': 'heddle', 'app.kubernetes.io/managed-by': injectorName },
      ownerReferences: [
        {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'MutatingWebhookConfiguration',
          name: owner.name,
          uid: owner.uid,
        },
      ],
    },
    data: { [caFile]: pem },
  };
}
