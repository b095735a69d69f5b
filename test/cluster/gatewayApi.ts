import { join } from 'node:path';
import { gatewayApiRecipe } from './build/binaries.ts';
import { obtain } from './build/recipe.ts';
import { type Access, clusterAccess, kubectlOf } from './kubectl.ts';

/** Installs the Gateway API's CRDs as its project publishes them, and waits until they are served. */
export async function installGatewayApi(options: {
  readonly channel: 'standard' | 'experimental';
  readonly access?: Access;
}): Promise<void> {
  const access = options.access ?? (await clusterAccess());
  const folder = join(await obtain(gatewayApiRecipe()), 'crd', options.channel);
  await kubectlOf(access, ['apply', '--server-side', '--force-conflicts', '-f', folder]);
  const established = ['wait', '--for=condition=Established', '--timeout=30s'];
  await kubectlOf(access, [
    ...established,
    'crd/httproutes.gateway.networking.k8s.io',
    'crd/referencegrants.gateway.networking.k8s.io',
  ]);
}
