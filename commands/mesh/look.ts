import type { KubernetesObject } from '../../agent/objects/types.ts';
import { useCluster } from '../cluster/useCluster.ts';
import type { LookOptions } from '../options.ts';
import { type Mesh, serviceNames, translateObjects } from './mesh.ts';
import { readFiles } from './readFiles.ts';

/** What was found where somebody looked. */
export type Looked = {
  readonly mesh: Mesh;
  /** Of names that say none: as the user said, else that of the context. */
  readonly namespace: string | undefined;
  /** What a person should know of how it was read. */
  readonly notes: readonly string[];
};

/** Objects as they were read, before it is known what follows from them. */
export type Read = Omit<Looked, 'mesh'> & {
  readonly objects: readonly KubernetesObject[];
  readonly live: ReadonlySet<string>;
};

/** Who asks, as far as it was said; in a cluster its pod is looked at. */
type Client = { readonly namespace: string; readonly pod?: string };

/** Reads and translates files, or a cluster with the user's own rights; `namespaces` are those that matter most. */
export async function look(options: LookOptions, namespaces: readonly string[] = [], client?: Client): Promise<Looked> {
  const { objects, live, namespace, notes } = await readObjects(options, namespaces, client);
  return { mesh: translateObjects(objects, live), namespace, notes };
}

/** The same without the translation. */
export async function readObjects(
  options: LookOptions,
  namespaces: readonly string[] = [],
  client?: Client,
): Promise<Read> {
  const { files = [], namespace, insteadOfCluster = '-f' } = options;
  if (files.length > 0) return { objects: await readFiles(files, namespace), live: new Set(), namespace, notes: [] };
  return useCluster({ ...options, insteadOfCluster }, async (api, own) => {
    const { readCluster } = await import('./readCluster.ts');
    const wanted = new Set([...namespaces, ...(own === undefined ? [] : [own])]);
    const { objects, notes } = await readCluster(api, { namespaces: [...wanted], insteadOfCluster, client });
    return { objects, live: serviceNames(objects), namespace: own, notes };
  });
}
