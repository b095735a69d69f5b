import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import { listObjects, type Selection } from '../../kubernetes/listObjects.ts';
import type { RawObject } from '../../kubernetes/rawObject.ts';

const longestMs = 60_000;

/** All objects of a resource as they come; `undefined` where the API server has no such resource. Throws ApiError. */
export async function listRaw(
  api: Api,
  path: string,
  selection: Selection = {},
): Promise<readonly RawObject[] | undefined> {
  const objects: RawObject[] = [];
  try {
    for await (const page of listObjects(api, path, AbortSignal.timeout(longestMs), selection))
      objects.push(...page.objects);
  } catch (error) {
    if (isApiStatus(error, 404)) return undefined;
    throw error;
  }
  return objects;
}
