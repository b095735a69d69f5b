import test from 'ava';
import { apply, kubectlOf } from './kubectl.ts';
import { installGatewayApi } from './gatewayApi.ts';
import { startControlPlane } from './startControlPlane.ts';

test('two control planes by themselves do not know of each other, and keep objects while the API server is away', async (t) => {
  const [one, two] = await Promise.all([startControlPlane(), startControlPlane()]);
  t.teardown(() => Promise.all([one.close(), two.close()]));
  const made = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'made' } };
  await apply([made], one);
  await installGatewayApi({ channel: 'experimental', access: one });
  t.regex(await kubectlOf(one, ['get', 'httproutes', '-A']), /No resources found|^$/);
  await t.throwsAsync(kubectlOf(two, ['get', 'namespace', 'made']), { message: /NotFound/ });
  await one.stopApiServer();
  await t.throwsAsync(kubectlOf(one, ['get', 'namespace', 'made']), { message: /refused/ });
  await one.startApiServer();
  t.regex(await kubectlOf(one, ['get', 'namespace', 'made']), /made\s+Active/);
});
