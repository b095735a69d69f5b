import { injectorName } from '../../contract/objects.ts';
import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import { fieldsOf, isObject, type JsonObject } from '../../runtime/json.ts';

/** A Secret as the API has it, undefined when there is none. */
export async function readSecret(api: Api, namespace: string, name: string): Promise<JsonObject | undefined> {
  try {
    const secret = await api.request({ path: `/api/v1/namespaces/${namespace}/secrets/${name}` });
    if (!isObject(secret)) throw new Error(`the API's answer for Secret ${namespace}/${name} is not an object`);
    return secret;
  } catch (error) {
    if (isApiStatus(error, 404)) return undefined;
    throw error;
  }
}

/**
 * Creates a Secret, or replaces the data of the one that was read, at that version only: rejects with ApiError 409 when
 * it has been created or changed since, and with 404 when it has been deleted.
 */
export async function writeSecret(
  api: Api,
  read: JsonObject | undefined,
  wanted: {
    readonly namespace: string;
    readonly name: string;
    readonly data: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    /** An annotation that goes. */
    readonly without?: string;
  },
): Promise<void> {
  const { namespace, name, data, annotations } = wanted;
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const labels = { 'app.kubernetes.io/part-of': 'heddle', 'app.kubernetes.io/managed-by': injectorName };
  if (read === undefined) {
    const metadata = { name, namespace, labels, annotations };
    const body = { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata, data };
    await api.request({ method: 'POST', path, body });
    return;
  }
  const metadata = fieldsOf(read['metadata']);
  const kept = Object.entries(fieldsOf(metadata['annotations'])).filter(([key]) => key !== wanted.without);
  const body = {
    ...read,
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...metadata, annotations: { ...Object.fromEntries(kept), ...annotations } },
    data,
  };
  await api.request({ method: 'PUT', path: `${path}/${name}`, body });
}
