import { join } from 'node:path';
import { gatewayApiRecipe } from './build/binaries.ts';
import { newerGatewayApiRecipe } from './build/newerGatewayApi.ts';
import { obtain } from './build/recipe.ts';
import { type Access, clusterAccess, kubectlCommand, kubectlOf } from './kubectl.ts';
import { waitUntil } from './process/progress.ts';
import { tryRun } from './process/run.ts';
import { versions } from './versions.ts';

export type Channel = 'standard' | 'experimental';

/**
 * Installs the Gateway API's CRDs as its project publishes them, over those of an older version if there are any, and
 * waits until they are served. Without `version` the one that the rest of the cluster's tests are made for.
 */
export async function installGatewayApi(options: {
  readonly channel: Channel;
  readonly version?: string;
  readonly access?: Access;
}): Promise<void> {
  const access = options.access ?? (await clusterAccess());
  const isNewer = options.version === versions.newerGatewayApi.version;
  const recipe = isNewer ? newerGatewayApiRecipe() : gatewayApiRecipe();
  const folder = join(await obtain(recipe), 'crd', options.channel);
  await kubectlOf(access, ['apply', '--server-side', '--force-conflicts', '-f', folder]);
  const established = ['wait', '--for=condition=Established', '--timeout=30s'];
  await kubectlOf(access, [
    ...established,
    'crd/httproutes.gateway.networking.k8s.io',
    'crd/referencegrants.gateway.networking.k8s.io',
  ]);
  // One that is established may still answer 429 "storage is (re)initializing".
  for (const resource of ['httproutes', 'referencegrants']) {
    const command = ['get', '--raw', `/apis/gateway.networking.k8s.io/v1/${resource}?limit=1`];
    await waitUntil(resource, 120_000, async () => (await tryRun(kubectlCommand(access, command))).ok);
  }
}
