import { systemNamespace } from '../../contract/objects.ts';
import type { Api } from '../../kubernetes/api.ts';
import { fieldsOf, type JsonObject, objectsOf, textOf } from '../../runtime/json.ts';
import { readObject } from '../cluster/readObject.ts';
import { cannotAsk } from '../cluster/useCluster.ts';
import { webhookPath, workloadPaths } from './apiPath.ts';
import type { Workloads } from './installedSettings.ts';

/** An installation in a cluster; without workloads only its webhook, or a part of it, is there. */
export type Installed = { readonly namespace: string; readonly workloads: Workloads | undefined };

/** The installation in the namespace where the webhook leads, else in the one given. Throws CannotLook. */
export async function findInstalled(api: Api, namespace: string): Promise<Installed | undefined> {
  try {
    const webhook = await readObject(api, webhookPath);
    const own = ledNamespace(webhook) ?? namespace;
    const paths = workloadPaths(own);
    const [agents, injectors] = await Promise.all([readObject(api, paths.agents), readObject(api, paths.injectors)]);
    if (agents !== undefined && injectors !== undefined) return { namespace: own, workloads: { agents, injectors } };
    return webhook === undefined && agents === undefined && injectors === undefined
      ? undefined
      : { namespace: own, workloads: undefined };
  } catch (error) {
    throw cannotAsk(error, `read the webhook configurations and what is in ${namespace}`);
  }
}

/** The namespace of the installation: where the webhook leads, else, or where it may not be read, the usual one. */
export async function findNamespace(api: Api): Promise<string> {
  const webhook = await readObject(api, webhookPath).catch(() => undefined);
  return ledNamespace(webhook) ?? systemNamespace;
}

function ledNamespace(webhook: JsonObject | undefined): string | undefined {
  const [first] = objectsOf(webhook?.['webhooks']);
  return textOf(fieldsOf(fieldsOf(first?.['clientConfig'])['service']), 'namespace');
}
