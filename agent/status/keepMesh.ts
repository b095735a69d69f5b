import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import { fieldsOf } from '../../runtime/json.ts';
import type { Logger } from '../../runtime/log.ts';
import { reasonOf } from '../../runtime/reason.ts';
import { diffMeshStatus, isOurMesh, meshesPath, meshName, newMesh } from './meshObject.ts';

export type KeepMeshOptions = {
  readonly api: Api;
  readonly log: Logger;
  /** The mesh's own namespace, which owns what is created here. */
  readonly namespace: string;
  readonly isLeader: () => boolean;
  readonly signal: AbortSignal;
  readonly pollMs?: number;
  /** Pause while the API server knows no XMesh. */
  readonly absentMs?: number;
};

/**
 * Keeps the status of every XMesh of ours right until the signal comes, and creates one at first if there is none: one
 * that is deleted later stays away until an agent begins to lead again. Never rejects.
 */
export async function keepMesh(options: KeepMeshOptions): Promise<void> {
  const { log, signal, pollMs = 10_000, absentMs = 60_000 } = options;
  let isFirst = true;
  let last = '';
  while (!signal.aborted) {
    let waitMs = pollMs;
    try {
      if (options.isLeader()) {
        await keepOnce(options, isFirst);
        isFirst = false;
      }
      last = '';
    } catch (error) {
      const isAbsent = isApiStatus(error, 404);
      const reason = reasonOf(error);
      if (reason !== last && !signal.aborted) {
        if (isAbsent) log.debug('The API server knows no XMesh; the mesh says what it supports when it does');
        else log.warn({ reason }, 'XMesh objects cannot be kept up to date; trying on');
      }
      last = reason;
      if (isAbsent) waitMs = absentMs;
    }
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

async function keepOnce({ api, namespace, signal }: KeepMeshOptions, create: boolean): Promise<void> {
  const { items } = fieldsOf(await api.request({ path: meshesPath, signal, timeoutMs }));
  const meshes: unknown[] = Array.isArray(items) ? items : [];
  if (create && !meshes.some((mesh) => nameOf(mesh) === meshName))
    meshes.push(await createMesh(api, namespace, signal));
  for (const mesh of meshes.filter(isOurMesh)) {
    const status = diffMeshStatus(mesh, Date.now());
    if (status === undefined) continue;
    const { resourceVersion } = fieldsOf(fieldsOf(mesh)['metadata']);
    const request = {
      method: 'PATCH',
      path: `${meshesPath}/${nameOf(mesh)}/status`,
      contentType: 'application/merge-patch+json',
      body: { metadata: { resourceVersion }, status },
      signal,
      timeoutMs,
    } as const;
    await api.request(request).catch((error: unknown) => {
      // Changed or deleted meanwhile: looked at again at the next turn.
      if (!isApiStatus(error, 409) && !isApiStatus(error, 404)) throw error;
    });
  }
}

async function createMesh(api: Api, namespace: string, signal: AbortSignal): Promise<unknown> {
  const owner = await api
    .request({ path: `/api/v1/namespaces/${namespace}`, signal, timeoutMs })
    .then((object) => fieldsOf(fieldsOf(object)['metadata'])['uid'])
    // Without the right to look, nobody owns it and it stays until it is deleted.
    .catch(() => undefined);
  const body = newMesh(typeof owner === 'string' ? { name: namespace, uid: owner } : undefined);
  return api.request({ method: 'POST', path: meshesPath, body, signal, timeoutMs }).catch((error: unknown) => {
    if (isApiStatus(error, 409)) return undefined;
    throw error;
  });
}

const timeoutMs = 4000;

function nameOf(mesh: unknown): string {
  const { name } = fieldsOf(fieldsOf(mesh)['metadata']);
  return typeof name === 'string' ? name : '';
}
