import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import { reasonOf } from '../../runtime/reason.ts';
import { CannotLook } from '../cannotLook.ts';

/** Which cluster is meant, and what may be done where it cannot be asked. */
export type ClusterOptions = {
  readonly namespace?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  /** The option that has files looked at instead of a cluster, where there is one. */
  readonly insteadOfCluster?: string;
};

/** Calls with the API of the cluster that the options name, and the namespace of names that say none. Throws CannotLook. */
export async function useCluster<T>(
  { kubeconfig, context, namespace, insteadOfCluster }: ClusterOptions,
  use: (api: Api, namespace: string | undefined) => Promise<T>,
): Promise<T> {
  const { loadCredentials } = await import('../../kubernetes/credentials.ts');
  const { connectApi } = await import('../../kubernetes/connect.ts');
  const instead = insteadOfCluster === undefined ? '' : `; or look at a folder of YAML with ${insteadOfCluster}`;
  const credentials = await loadCredentials(kubeconfig, context).catch((error: unknown) => {
    throw new CannotLook(
      `${reasonOf(error)}; or name a kubeconfig with --kubeconfig, in place of $KUBECONFIG or ~/.kube/config${instead}`,
      { cause: error },
    );
  });
  const api = await connectApi({ credentials, userAgent: 'heddle' });
  try {
    return await use(api, namespace ?? credentials.namespace);
  } finally {
    await api.close();
  }
}

/** A refusal or a failure of the API server for people: what came, and what to do. `right` is what a 403 is for want of. */
export function cannotAsk(error: unknown, right: string, insteadOfCluster?: string): CannotLook {
  if (error instanceof CannotLook) return error;
  const instead = insteadOfCluster === undefined ? '' : `, or look at files with ${insteadOfCluster}`;
  const advice = isApiStatus(error, 403)
    ? `ask for the right to ${right}${instead}`
    : isApiStatus(error, 401)
      ? 'log in again, or choose another context with --context'
      : `is the cluster reachable, and the right one? choose another with --context or --kubeconfig${instead}`;
  return new CannotLook(`${reasonOf(error)}; ${advice}`, { cause: error });
}
