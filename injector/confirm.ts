import { injectLabel, sidecarLabel, sidecarLabelValue } from '../contract/labels.ts';
import type { Api } from '../kubernetes/api.ts';
import { sleep } from '../kubernetes/sleep.ts';
import { fieldsOf, objectsOf } from '../runtime/json.ts';
import { isNamespaceName, type Namespace } from './namespaces.ts';

/** When it is looked for a pod that was admitted, in milliseconds from one look to the next. */
const looksMs = [50, 150, 500, 2000, 8000];
const mostAtOnce = 50;

/**
 * Gives a namespace its ConfigMap where the API server itself says that sidecars are there: by the namespace's label at
 * once, else when the pod that was just admitted has been stored. A review alone proves nothing, for anyone in the cluster
 * can send one. Never rejects, and waits for the first kind only.
 */
export function createConfirmation(options: {
  readonly api: Api;
  readonly signal: AbortSignal;
  readonly readNamespace: (name: string) => Promise<Namespace | undefined>;
  readonly ensure: (namespace: string) => Promise<void>;
}): (namespace: string) => Promise<void> {
  const { api, signal, readNamespace, ensure } = options;
  const looking = new Set<string>();

  async function look(namespace: string): Promise<void> {
    looking.add(namespace);
    for (const ms of looksMs) {
      await sleep(ms, signal);
      if (signal.aborted) break;
      if (await hasSidecars(api, namespace)) {
        await ensure(namespace);
        break;
      }
    }
    looking.delete(namespace);
  }

  return async (namespace) => {
    const found = await readNamespace(namespace);
    if (found === undefined) return;
    if (found.labels[injectLabel] === 'enabled') await ensure(namespace);
    else if (!looking.has(namespace) && looking.size < mostAtOnce) void look(namespace);
  };
}

/** Whether a pod with a sidecar stands in a namespace; no where that cannot be read. */
async function hasSidecars(api: Api, namespace: string): Promise<boolean> {
  if (!isNamespaceName(namespace)) return false;
  try {
    const query = { labelSelector: `${sidecarLabel}=${sidecarLabelValue}`, limit: 1 };
    const list = await api.request({ path: `/api/v1/namespaces/${namespace}/pods`, query, timeoutMs: 2000 });
    return objectsOf(fieldsOf(list)['items']).length > 0;
  } catch {
    return false;
  }
}
