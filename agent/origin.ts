import { stat } from 'node:fs/promises';
import { agentName } from '../contract/objects.ts';
import type { Api } from '../kubernetes/api.ts';
import { reasonOf } from '../runtime/reason.ts';

/** Where an agent has its objects from. */
export type Origin =
  | { readonly type: 'cluster'; readonly api: Api }
  | { readonly type: 'folder'; readonly configDir: string };

/** The folder if one is set, else the Kubernetes API. Rejects with what to do when it is not to be had. */
export async function findOrigin(configDir: string | undefined): Promise<Origin> {
  if (configDir === undefined) return { type: 'cluster', api: await connect() };
  const folder = await stat(configDir).catch(() => undefined);
  if (folder?.isDirectory() === true) return { type: 'folder', configDir };
  throw new Error(`HEDDLE_CONFIG_DIR=${configDir}: is not a folder; create it or name another`);
}

async function connect(): Promise<Api> {
  // Loaded here, so that an agent that reads a folder stays small.
  const { connectApi } = await import('../kubernetes/connect.ts');
  return connectApi({ userAgent: agentName }).catch((error: unknown) => {
    const reason = reasonOf(error);
    throw new Error(`${reason}; or set HEDDLE_CONFIG_DIR to a folder of YAML files`, { cause: error });
  });
}
