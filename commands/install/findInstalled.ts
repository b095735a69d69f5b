import { agentName, injectorName } from '../../contract/objects.ts';
import type { Api } from '../../kubernetes/api.ts';
import { fieldsOf, objectsOf, textOf } from '../../runtime/json.ts';
import { cannotAsk } from '../cluster/useCluster.ts';
import { readObject } from './applyManifests.ts';
import type { Workloads } from './installedSettings.ts';

/** An installation in a cluster; without workloads only its webhook, or a part of it, is there. */
export type Installed = { readonly namespace: string; readonly workloads: Workloads | undefined };

/** The installation in the namespace where the webhook leads, else in the one given. Throws CannotLook. */
export async function findInstalled(api: Api, namespace: string): Promise<Installed | undefined> {
  try {
    const webhook = await readObject(
      api,
      `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${injectorName}`,
    );
    const [first] = objectsOf(webhook?.['webhooks']);
    const led = textOf(fieldsOf(fieldsOf(first?.['clientConfig'])['service']), 'namespace');
    const own = led ?? namespace;
    const [agents, injectors] = await Promise.all([
      readObject(api, `/apis/apps/v1/namespaces/${own}/daemonsets/${agentName}`),
      readObject(api, `/apis/apps/v1/namespaces/${own}/deployments/${injectorName}`),
    ]);
    if (agents !== undefined && injectors !== undefined) return { namespace: own, workloads: { agents, injectors } };
    return webhook === undefined && agents === undefined && injectors === undefined
      ? undefined
      : { namespace: own, workloads: undefined };
  } catch (error) {
    throw cannotAsk(error, `read the webhook configurations and what is in ${namespace}`);
  }
}
