import type { Api } from '../../kubernetes/api.ts';
import { reasonOf } from '../../runtime/reason.ts';
import { CannotLook } from '../cannotLook.ts';
import type { LookOptions } from '../options.ts';
import { type Mesh, translateObjects } from './mesh.ts';
import { readFiles } from './readFiles.ts';

/** What was found where somebody looked. */
export type Looked = {
  readonly mesh: Mesh;
  /** Of names that say none: as the user said, else that of the context. */
  readonly namespace: string | undefined;
  /** What a person should know of how it was read. */
  readonly notes: readonly string[];
};

/** Reads and translates files, or a cluster with the user's own rights; `namespaces` are those that matter most. */
export async function look(options: LookOptions, namespaces: readonly string[] = []): Promise<Looked> {
  const { files = [], namespace } = options;
  if (files.length > 0)
    return { mesh: translateObjects(await readFiles(files, namespace), 'files'), namespace, notes: [] };
  return withCluster(options, async (api, own) => {
    const { readCluster } = await import('./readCluster.ts');
    const wanted = new Set([...namespaces, ...(own === undefined ? [] : [own])]);
    const { objects, notes } = await readCluster(api, [...wanted]);
    return { mesh: translateObjects(objects, 'cluster'), namespace: own, notes };
  });
}

/** Calls with the API of the cluster that the options name, and the namespace of names that say none. Throws CannotLook. */
async function withCluster<T>(
  { kubeconfig, context, namespace }: LookOptions,
  use: (api: Api, namespace: string | undefined) => Promise<T>,
): Promise<T> {
  const { loadCredentials } = await import('../../kubernetes/credentials.ts');
  const { connectApi } = await import('../../kubernetes/connect.ts');
  const credentials = await loadCredentials(kubeconfig, context).catch((error: unknown) => {
    throw new CannotLook(`${reasonOf(error)}; or look at a folder of YAML with -f`, { cause: error });
  });
  const api = await connectApi({ credentials, userAgent: 'heddle' });
  try {
    return await use(api, namespace ?? credentials.namespace);
  } finally {
    await api.close();
  }
}
