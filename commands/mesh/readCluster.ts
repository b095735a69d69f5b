import { watchedKinds, type WatchedKind } from '../../agent/cluster/kinds.ts';
import { decodeServed } from '../../agent/objects/decode.ts';
import type { KubernetesObject } from '../../agent/objects/types.ts';
import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import type { RawObject } from '../../kubernetes/rawObject.ts';
import { listRaw } from '../cluster/listRaw.ts';
import { cannotAsk } from '../cluster/useCluster.ts';

/** What was read of a cluster, and what a person should know of that. */
export type ReadCluster = { readonly objects: readonly KubernetesObject[]; readonly notes: readonly string[] };

/** What matters most, and the option that has files looked at instead. */
export type Wish = {
  readonly namespaces: readonly string[];
  readonly insteadOfCluster: string | undefined;
  /** Who asks: where it runs is read, too. */
  readonly client?: { readonly namespace: string; readonly pod?: string } | undefined;
};

type Reading = Wish & { readonly api: Api; readonly notes: Set<string> };

/**
 * Lists what an agent reads. Who may not list a kind everywhere is shown what is in `namespaces`. Throws CannotLook where
 * even that is refused, or no API server answers.
 */
export async function readCluster(api: Api, wish: Wish): Promise<ReadCluster> {
  const reading = { ...wish, api, notes: new Set<string>() };
  const lists = await Promise.all([...watchedKinds.map((watched) => readKind(watched, reading)), readClient(reading)]);
  return { objects: lists.flat(), notes: [...reading.notes] };
}

/** The pod that asks; agents read no pods, for a sidecar's token says where it runs. */
async function readClient({ api, client, notes }: Reading): Promise<readonly KubernetesObject[]> {
  if (client?.pod === undefined) return [];
  const { namespace, pod } = client;
  try {
    const decoded = decodeServed('Pod', await api.request({ path: `/api/v1/namespaces/${namespace}/pods/${pod}` }));
    return decoded.ok ? [decoded.object] : [];
  } catch (error) {
    const isMissing = isApiStatus(error, 404);
    if (!isMissing && !isApiStatus(error, 403)) throw cannotAsk(error, 'read it');
    const why = isMissing ? `Pod ${namespace}/${pod} does not exist` : `you may not read Pod ${namespace}/${pod}`;
    notes.add(`${why}, so it is not known on which node it runs; endpoints may be others for that`);
    return [];
  }
}

async function readKind({ kind, paths }: WatchedKind, reading: Reading): Promise<readonly KubernetesObject[]> {
  for (const path of paths) {
    const raw = await listOrLess(path, reading);
    if (raw === undefined) continue;
    return raw.flatMap((object) => {
      const decoded = decodeServed(kind, object);
      if (decoded.ok) return [decoded.object];
      const { namespace = '', name } = object.metadata;
      reading.notes.add(
        `${kind} ${namespace}/${name} is left out: ${decoded.problems.map(({ message }) => message).join('; ')}`,
      );
      return [];
    });
  }
  if (kind === 'HTTPRoute')
    reading.notes.add('the cluster does not know HTTPRoutes; install the definitions of the Gateway API to use them');
  return [];
}

/** Undefined: the API server has no such resource. */
async function listOrLess(path: string, reading: Reading): Promise<readonly RawObject[] | undefined> {
  const { api, namespaces, notes } = reading;
  try {
    return await listRaw(api, path);
  } catch (error) {
    if (!isApiStatus(error, 403) || namespaces.length === 0)
      throw cannotAsk(error, 'list it', reading.insteadOfCluster);
  }
  notes.add(
    `you may not list objects of all namespaces: only ${namespaces.join(', ')} was looked at, and what is in others seems to be missing`,
  );
  const narrow = namespaces.map((namespace) => listRaw(api, path.replace(/\/([^/]+)$/, `/namespaces/${namespace}/$1`)));
  const lists = await Promise.all(narrow).catch((error: unknown) => {
    throw cannotAsk(error, 'list it', reading.insteadOfCluster);
  });
  // Whether there is such a resource the API server says only to who may list it.
  const found = lists.filter((list) => list !== undefined);
  return found.length < lists.length ? undefined : found.flat();
}
