import { agentName } from '../contract/objects.ts';
import { type Api, isApiStatus } from '../kubernetes/api.ts';
import { fieldsOf, textOf } from '../runtime/json.ts';
import type { Problems } from './trust/problems.ts';

/** The address of the agents' Service, for pods that cannot resolve its name. */
export type AgentIp = { readonly value: string | undefined; refresh(): Promise<boolean> };

/** Keeps the ClusterIP that was seen last; `refresh` reads it again, tells whether it could, and never rejects. */
export function createAgentIp(options: {
  readonly api: Api;
  readonly problems: Problems;
  readonly namespace: string;
}): AgentIp {
  const { api, problems, namespace } = options;
  let value: string | undefined;
  return {
    get value() {
      return value;
    },
    async refresh() {
      const found = await problems.attempt(`Service ${agentName}`, async () => ({ ip: await read(api, namespace) }));
      if (found !== undefined) value = found.ip;
      return found !== undefined;
    },
  };
}

async function read(api: Api, namespace: string): Promise<string | undefined> {
  try {
    const service = fieldsOf(await api.request({ path: `/api/v1/namespaces/${namespace}/services/${agentName}` }));
    const ip = textOf(fieldsOf(service['spec']), 'clusterIP');
    return ip === 'None' || ip === '' ? undefined : ip;
  } catch (error) {
    if (isApiStatus(error, 404)) return undefined;
    throw error;
  }
}
