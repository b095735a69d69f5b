import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { bundle } from '../../build/bundle.ts';
import { startProcess } from '../../lab/process.ts';
import { temporaryFolder } from '../../lab/temporaryFolder.ts';
import { freePort } from '../freePort.ts';
import { defaultManifests, folder as manifests } from '../manifests/objects.ts';
import { installGatewayApi } from './gatewayApi.ts';
import { apply, kubectlCommand, kubectlOf } from './kubectl.ts';
import { tryRun } from './process/run.ts';
import { type LoneControlPlane, startControlPlane } from './startControlPlane.ts';

// What the API server alone can say of the manifests, and whether the programs get by with the rights they are given.
const folder = temporaryFolder('heddle-manifests-test-');
const programs = path.join(folder, 'dist');
let plane: LoneControlPlane;

test.before('an API server has the Gateway API and manifests/default', async () => {
  mkdirSync(programs);
  [plane] = await Promise.all([startControlPlane(), bundle(programs, { sourceMap: 'none' })]);
  await installGatewayApi({ channel: 'experimental', access: plane });
  await kubectl('apply', '-k', path.join(manifests, 'default'));
});
test.after.always(() => plane.close());

function kubectl(...args: readonly string[]): Promise<string> {
  return kubectlOf(plane, args);
}

test.serial('a pod of each program is admitted where the level restricted is enforced', async (t) => {
  const pods = defaultManifests().flatMap(({ metadata: { name }, spec }) =>
    spec?.template === undefined ? [] : [{ name, spec: spec.template.spec }],
  );
  t.is(pods.length, 2);
  for (const { name, spec } of pods) {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'heddle-system' }, spec };
    await t.notThrowsAsync(apply([pod], plane));
    await kubectl('-n', 'heddle-system', 'delete', 'pod', name, '--force', '--grace-period=0');
  }
});

test.serial('caBundle stays when the manifests are applied again, by either kind of apply', async (t) => {
  const webhook = ['mutatingwebhookconfiguration', 'heddle-injector'];
  const value = readFileSync(path.join(plane.pkiFolder, 'ca.crt')).toString('base64');
  const patch = [0, 1].map((index) => ({ op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value }));
  await kubectl('patch', ...webhook, '--type=json', '--patch', JSON.stringify(patch));
  for (const mode of [[], ['--server-side', '--force-conflicts']]) {
    await kubectl('apply', ...mode, '-k', path.join(manifests, 'default'));
    const kept = await kubectl('get', ...webhook, '--output', 'jsonpath={.webhooks[*].clientConfig.caBundle}');
    t.is(kept.trim(), `${value} ${value}`);
  }
});

for (const overlay of ['two-nodes', 'development']) {
  test.serial(`the overlay ${overlay} is accepted`, async (t) => {
    const printed = await kubectl('apply', '--dry-run=server', '-k', path.join(manifests, 'overlays', overlay));
    t.regex(printed, /deployment.apps\/heddle-injector configured/);
  });
}

const rights: readonly [program: 'agent' | 'injector', may: 'yes' | 'no', what: string][] = [
  ['agent', 'yes', 'watch httproutes.gateway.networking.k8s.io -A'],
  ['agent', 'yes', 'patch httproutes.gateway.networking.k8s.io/any --subresource=status -n default'],
  ['agent', 'no', 'patch httproutes.gateway.networking.k8s.io/any -n default'],
  ...['grpcroutes', 'tlsroutes', 'tcproutes', 'udproutes'].flatMap((plural): typeof rights => [
    ['agent', 'yes', `watch ${plural}.gateway.networking.k8s.io -A`],
    ['agent', 'yes', `patch ${plural}.gateway.networking.k8s.io/any --subresource=status -n default`],
    ['agent', 'no', `patch ${plural}.gateway.networking.k8s.io/any -n default`],
  ]),
  ['agent', 'yes', 'update leases.coordination.k8s.io/heddle-agent -n heddle-system'],
  ['agent', 'no', 'update leases.coordination.k8s.io/other -n heddle-system'],
  ['agent', 'no', 'get secrets/heddle-agent-tls -n heddle-system'],
  ['agent', 'no', 'list pods -A'],
  ['agent', 'yes', 'create events -n default'],
  ['agent', 'no', 'list events -n default'],
  ['injector', 'yes', 'get secrets/heddle-ca -n heddle-system'],
  ['injector', 'no', 'get secrets/other -n heddle-system'],
  ['injector', 'no', 'list secrets -n heddle-system'],
  ['injector', 'no', 'get secrets/heddle-ca -n default'],
  ['injector', 'yes', 'update configmaps/heddle-ca -n default'],
  ['injector', 'no', 'update configmaps/other -n default'],
  ['injector', 'no', 'list configmaps -A'],
  ['injector', 'no', 'patch mutatingwebhookconfigurations/other'],
  ['injector', 'no', 'create pods -n default'],
];

for (const [program, may, what] of rights) {
  test.serial(`${program} ${may === 'yes' ? 'may' : 'may not'} ${what}`, async (t) => {
    const user = `--as=system:serviceaccount:heddle-system:heddle-${program}`;
    const { output } = await tryRun(kubectlCommand(plane, ['auth', 'can-i', user, ...what.split(' ')]));
    t.is(output.trim().split('\n').at(-1), may, output);
  });
}

test.serial('the injector sets up all trust with its own rights', async (t) => {
  await kubectl('create', 'namespace', 'shop');
  await kubectl('label', 'namespace', 'shop', 'heddle.dev/inject=enabled');
  const injector = await start(t, 'injector', {
    HEDDLE_IMAGE: 'heddle:test',
    HEDDLE_WEBHOOK_PORT: String(await freePort()),
    HEDDLE_READY_PORT: String(await freePort()),
    HEDDLE_TRUST_POLL_MS: '300',
  });
  await injector.waitForLine((line) => line.includes('"Injector listens"'), 60_000);
  await kubectl('-n', 'shop', 'wait', '--for=create', 'configmap/heddle-ca', '--timeout=120s');
  await kubectl('-n', 'heddle-system', 'wait', '--for=create', 'secret/heddle-agent-tls', '--timeout=120s');
  t.false(refused(injector.lines), injector.lines.join('\n'));
});

test.serial('the agent reads all that it wants with its own rights', async (t) => {
  const agent = await start(t, 'agent', {
    HEDDLE_DISCOVERY_ADDRESS: `127.0.0.1:${await freePort()}`,
    HEDDLE_READY_PORT: String(await freePort()),
    HEDDLE_METRICS_PORT: String(await freePort()),
    HEDDLE_NAMESPACE: 'heddle-system',
    HEDDLE_POD_NAME: 'test',
  });
  await agent.waitForLine((line) => line.includes('"Agent ready"'), 60_000);
  t.false(refused(agent.lines), agent.lines.join('\n'));
});

/** Starts the bundled program with a token of its ServiceAccount. */
async function start(t: ExecutionContext, program: string, env: Readonly<Record<string, string>>) {
  const token = await kubectl('-n', 'heddle-system', 'create', 'token', `heddle-${program}`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: plane.url, 'certificate-authority': `${plane.pkiFolder}/ca.crt` } }],
    users: [{ name: 'u', user: { token: token.trim() } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  const kubeconfig = path.join(folder, `${program}.json`);
  writeFileSync(kubeconfig, JSON.stringify(config));
  const command = [process.execPath, path.join(programs, 'heddle.mjs'), program];
  const started = startProcess(command, { ...env, KUBECONFIG: kubeconfig });
  t.teardown(() => started.stop());
  return started;
}

function refused(lines: readonly string[]): boolean {
  return lines.some((line) => /forbidden|\b403\b/i.test(line));
}
