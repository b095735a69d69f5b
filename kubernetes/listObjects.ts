import { fieldsOf, textOf } from '../runtime/json.ts';
import type { Api } from './api.ts';
import { asRawObject, type RawObject } from './rawObject.ts';

const pageSize = 500;
const pageTimeoutMs = 60_000;

/** One page of a list; `resourceVersion` is that of the whole list. */
export type Page = { readonly objects: readonly RawObject[]; readonly resourceVersion: string };

/** Which objects of a resource are meant, in the API's words. */
export type Selection = { readonly labelSelector?: string; readonly fieldSelector?: string };

/** All objects of a resource, page by page, at one version. Throws ApiError 410 when a page comes too late. */
export async function* listObjects(
  api: Api,
  path: string,
  signal: AbortSignal,
  selection: Selection = {},
): AsyncGenerator<Page, void> {
  let next: string | undefined;
  do {
    const query = { ...selection, limit: pageSize, continue: next };
    const list = await api.request({ path, query, signal, timeoutMs: pageTimeoutMs });
    const metadata = fieldsOf(fieldsOf(list)['metadata']);
    const items = fieldsOf(list)['items'] ?? [];
    const resourceVersion = textOf(metadata, 'resourceVersion');
    if (!Array.isArray(items) || resourceVersion === undefined) {
      throw new Error(`the answer to GET ${path} is no list of the Kubernetes API`);
    }
    yield { objects: items.map(asRawObject), resourceVersion };
    next = textOf(metadata, 'continue') || undefined;
  } while (next !== undefined);
}
