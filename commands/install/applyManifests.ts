import type { Api } from '../../kubernetes/api.ts';
import { fieldsOf, type JsonObject, textOf } from '../../runtime/json.ts';
import { readObject } from '../cluster/readObject.ts';
import { cannotAsk } from '../cluster/useCluster.ts';
import { adoptedFields, fieldManager } from './adopt.ts';
import { apiPath, printManifest } from './apiPath.ts';
import { contains } from './contains.ts';
import type { Manifest } from './kustomize.ts';

/** What became of an object. */
export type Applied = 'created' | 'changed' | 'unchanged';

/**
 * Applies objects one after the other, by server-side apply; what is there already is not written, so that it takes no
 * right. Fields that others have changed meanwhile get the manifests' values again. Throws CannotLook.
 */
export async function applyManifests(
  api: Api,
  objects: readonly Manifest[],
  tell: (line: string) => void,
): Promise<void> {
  for (const object of objects) {
    const applied = await applyOne(api, object).catch((error: unknown) => {
      throw cannotAsk(error, `write ${printManifest(object)}; a first installation takes a cluster-admin`);
    });
    tell(`${printManifest(object)} ${applied}`);
  }
}

async function applyOne(api: Api, object: Manifest): Promise<Applied> {
  const path = apiPath(object);
  const before = await readObject(api, path);
  if (before !== undefined && contains(before, object)) return 'unchanged';
  const managedFields = before && adoptedFields(before);
  if (managedFields !== undefined)
    await api.request({
      method: 'PATCH',
      path,
      contentType: 'application/merge-patch+json',
      body: { metadata: { managedFields, resourceVersion: versionOf(before) } },
    });
  await api.request({
    method: 'PATCH',
    path,
    contentType: 'application/apply-patch+yaml',
    query: { fieldManager, force: true },
    body: object,
  });
  return before === undefined ? 'created' : 'changed';
}

function versionOf(object: JsonObject | undefined): string | undefined {
  return textOf(fieldsOf(object?.['metadata']), 'resourceVersion');
}
