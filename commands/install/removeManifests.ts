import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import { readObject } from '../cluster/readObject.ts';
import { cannotAsk } from '../cluster/useCluster.ts';
import { apiPath, printManifest } from './apiPath.ts';
import type { Manifest } from './kustomize.ts';
import type { Waiting } from './waitRollouts.ts';

const lookEveryMs = 1000;

/**
 * Deletes objects one after the other, the webhook first as they stand, and waits until they are gone; what is in the
 * namespace goes with it. Gives back those that are still there at the end. Throws CannotLook.
 */
export async function removeManifests(
  api: Api,
  objects: readonly Manifest[],
  { timeoutMs, tell }: Omit<Waiting, 'namespace'>,
): Promise<readonly string[]> {
  const deadline = performance.now() + timeoutMs;
  let left = objects.filter(({ metadata }) => metadata.namespace === undefined);
  for (const object of left) {
    const isThere = await remove(api, object);
    tell(`${printManifest(object)} ${isThere ? 'deleted' : 'was not there'}`);
  }
  for (;;) {
    const found = await Promise.all(left.map((object) => readObject(api, apiPath(object))));
    left = left.filter((_, at) => found[at] !== undefined);
    if (left.length === 0 || performance.now() >= deadline) return left.map(printManifest);
    await sleep(lookEveryMs);
  }
}

async function remove(api: Api, object: Manifest): Promise<boolean> {
  try {
    await api.request({ method: 'DELETE', path: apiPath(object), query: { propagationPolicy: 'Background' } });
    return true;
  } catch (error) {
    if (isApiStatus(error, 404)) return false;
    throw cannotAsk(error, `delete ${printManifest(object)}`);
  }
}
