import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import type { Cluster, User } from '@kubernetes/client-node/dist/config_types.js';
import { reasonOf } from '../runtime/reason.ts';

export type LoadedKubeConfig = {
  readonly config: KubeConfig;
  readonly cluster: Cluster;
  readonly user: User;
  readonly namespace: string | undefined;
};

/**
 * The current context of a file, or the one named, or as client-node finds it: KUBECONFIG, `~/.kube/config`, the pod's ServiceAccount. Only this module
 * of client-node is loaded, and only when somebody asks: the generated models take tens of megabytes.
 */
export async function loadKubeConfig(file?: string, contextName?: string): Promise<LoadedKubeConfig> {
  const { KubeConfig: Config } = await import('@kubernetes/client-node/dist/config.js');
  const config = new Config();
  try {
    if (file === undefined) config.loadFromDefault();
    else config.loadFromFile(file);
  } catch (error) {
    throw new Error(`the kubeconfig cannot be read (${reasonOf(error)}); correct it or KUBECONFIG`, { cause: error });
  }
  if (contextName !== undefined) chooseContext(config, contextName);
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  // What client-node makes up when it finds nothing.
  const isMadeUp = cluster?.name === 'cluster' && cluster.server === 'http://localhost:8080';
  if (cluster === null || isMadeUp) {
    throw new Error(
      'there are no credentials for a Kubernetes API: set KUBECONFIG, or run in a pod with a ServiceAccount token',
    );
  }
  if (user === null) throw new Error('the current context of the kubeconfig names no user that exists; correct it');
  const context = config.getContextObject(config.getCurrentContext());
  return { config, cluster, user, namespace: context?.namespace };
}

function chooseContext(config: KubeConfig, name: string): void {
  const names = config.getContexts().map((context) => context.name);
  if (!names.includes(name)) {
    const known = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
    throw new Error(`the kubeconfig has no context ${name}; ${known}`);
  }
  config.setCurrentContext(name);
}

/** The Authorization header that an exec plugin or another provider of client-node gives; it caches by itself. */
export async function execAuthorization(config: KubeConfig): Promise<string | undefined> {
  const options: { headers: Record<string, unknown> } = { headers: {} };
  await config.applyToHTTPSOptions(options);
  const authorization = options.headers['Authorization'];
  return typeof authorization === 'string' ? authorization : undefined;
}
