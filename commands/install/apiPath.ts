import { agentName, injectorName } from '../../contract/objects.ts';
import type { Manifest } from './kustomize.ts';

/** The resource of each kind that the manifests have. */
const resources: Readonly<Record<string, string>> = {
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  DaemonSet: 'daemonsets',
  Deployment: 'deployments',
  MutatingWebhookConfiguration: 'mutatingwebhookconfigurations',
  Namespace: 'namespaces',
  NetworkPolicy: 'networkpolicies',
  PodDisruptionBudget: 'poddisruptionbudgets',
  PriorityClass: 'priorityclasses',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  Service: 'services',
  ServiceAccount: 'serviceaccounts',
};

/** Where the API server has an object of the manifests. */
export function apiPath({ apiVersion, kind, metadata }: Manifest): string {
  const resource = resources[kind];
  if (resource === undefined) throw new Error(`${kind} of the manifests has no path in commands/install/apiPath.ts`);
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const within = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${group}${within}/${resource}/${metadata.name}`;
}

/** Where it has the one webhook configuration of a cluster. */
export const webhookPath = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${injectorName}`;

/** Where it has the two workloads of an installation. */
export function workloadPaths(namespace: string): { readonly agents: string; readonly injectors: string } {
  const within = `/apis/apps/v1/namespaces/${namespace}`;
  return { agents: `${within}/daemonsets/${agentName}`, injectors: `${within}/deployments/${injectorName}` };
}

/** As people name it: `DaemonSet heddle-system/heddle-agent`. */
export function printManifest({ kind, metadata: { namespace, name } }: Manifest): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}
