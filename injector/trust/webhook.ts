import type { Api } from '../../kubernetes/api.ts';
import { fieldsOf, isObject, type JsonObject, objectsOf, textOf } from '../../runtime/json.ts';

/** The webhook configuration as it was read. */
export type Webhook = {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly webhooks: readonly JsonObject[];
};

const collection = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/** Reads the MutatingWebhookConfiguration of that name; rejects with ApiError 404 when there is none. */
export async function readWebhook(api: Api, name: string): Promise<Webhook> {
  const object = await api.request({ path: `${collection}/${name}` });
  if (!isObject(object)) throw new Error(`the API's answer for MutatingWebhookConfiguration ${name} is not an object`);
  const metadata = fieldsOf(object['metadata']);
  return {
    name,
    uid: textOf(metadata, 'uid') ?? '',
    resourceVersion: textOf(metadata, 'resourceVersion') ?? '',
    webhooks: objectsOf(object['webhooks']),
  };
}

/** Makes `bundle` the caBundle of all its webhooks, if it has not changed since it was read (else ApiError 409). */
export async function putCaBundle(api: Api, webhook: Webhook, bundle: string): Promise<'written' | 'unchanged'> {
  const caBundle = Buffer.from(bundle).toString('base64');
  const { name, resourceVersion, webhooks } = webhook;
  if (webhooks.every(({ clientConfig }) => fieldsOf(clientConfig)['caBundle'] === caBundle)) return 'unchanged';
  await api.request({
    method: 'PATCH',
    path: `${collection}/${name}`,
    contentType: 'application/merge-patch+json',
    body: {
      metadata: { resourceVersion },
      webhooks: webhooks.map((one) => withCaBundle(one, caBundle)),
    },
  });
  return 'written';
}

function withCaBundle(webhook: JsonObject, caBundle: string): JsonObject {
  return { ...webhook, clientConfig: { ...fieldsOf(webhook['clientConfig']), caBundle } };
}
