import test from 'ava';
import manifest from '../../package.json' with { type: 'json' };
import { kustomize } from '../../commands/install/kustomize.ts';
import { readManifestFiles } from '../../commands/install/manifestFiles.ts';
import { manifestsFor } from '../../commands/install/settings.ts';
import { folder } from '../manifests/objects.ts';
import { parseAllDocuments } from 'yaml';
import { installGatewayApi } from './gatewayApi.ts';
import { heddle, removeHeddle } from './heddle.ts';
import { kubectlCommand, kubectlOf } from './kubectl.ts';
import { tryRun } from './process/run.ts';
import { type LoneControlPlane, startControlPlane } from './startControlPlane.ts';

// An API server by itself: no controller acts on what is installed, so nothing becomes ready and no namespace ends.
let plane: LoneControlPlane;
const image = `registry.example.com/heddle:${manifest.version}`;
const files = readManifestFiles();
test.before(async () => {
  plane = await startControlPlane();
});
test.after.always(removeHeddle);
test.after.always(() => plane.close());

function kubectl(...words: readonly string[]): Promise<string> {
  return kubectlOf(plane, words);
}

async function read(...words: readonly string[]): Promise<Record<string, unknown>> {
  return JSON.parse(await kubectl('get', '-o', 'json', '--show-managed-fields', ...words)) as Record<string, unknown>;
}

function textOf(value: unknown): string {
  return JSON.stringify(value);
}

test.serial('kubectl makes the same of the kustomization', async (t) => {
  const documents = parseAllDocuments(await kubectl('kustomize', `${folder}/default`));
  const theirs = Array.isArray(documents) ? documents.map((document) => document.toJS() as unknown) : [];
  t.deepEqual(kustomize(files).objects as readonly unknown[], theirs);
});

test.serial('a cluster is checked before: no definitions, then those of a release', async (t) => {
  const before = await heddle(['check', '--pre'], { access: plane });
  t.regex(before.output, /bad +Gateway API +no definition of httproutes/);
  t.regex(before.output, /good +Kubernetes +v1\./);
  t.regex(before.output, /good +rights +all that an installation takes/);
  t.false(before.ok);
  await installGatewayApi({ channel: 'standard', access: plane });
  const after = await heddle(['check', '--pre'], { access: plane });
  t.regex(after.output, /good +Gateway API +v1\.\S+, standard channel/);
});

test.serial('an upgrade of what is not there, and a check, say so', async (t) => {
  t.regex((await heddle(['upgrade'], { access: plane })).output, /Heddle is not installed in heddle-system/);
  const { output, ok } = await heddle(['check'], { access: plane });
  t.regex(output, /bad +installation +there is none in heddle-system/);
  t.false(ok);
});

test.serial('what is printed is what kubectl takes, and nothing of it is strange to the API server', async (t) => {
  const printed = await heddle(['install', '--image', image], { access: plane });
  const words = ['apply', '--server-side', '--validate=strict', '--field-manager=before', '-f', '-'];
  const applied = await tryRun(kubectlCommand(plane, words), { input: printed.stdout });
  t.true(applied.ok, applied.output);
  const removed = await tryRun(kubectlCommand(plane, ['delete', '--wait=false', '-f', '-']), {
    input: (await heddle(['uninstall'], { access: plane })).stdout,
  });
  t.true(removed.ok, removed.output);
  t.regex(removed.output, /^mutatingwebhookconfiguration.*"heddle-injector" deleted/);
});

test.serial('an installation is applied, tells each step, and what is not ready in time', async (t) => {
  // In another namespace: the first one ends as long as no controller empties it.
  const words = ['install', '--apply', '--image', image, '--replicas', '3', '-n', 'mesh', '--timeout', '2s'];
  const first = await heddle(words, { access: plane });
  t.regex(first.output, /^MutatingWebhookConfiguration heddle-injector created\nNamespace mesh created\n/);
  t.regex(first.output, /Not ready after 2s:\n {2}injectors: waits for its controller\n/);
  t.regex(first.why, /1/);
  const again = await heddle(words, { access: plane });
  t.is(again.output.match(/ unchanged$/gm)?.length, manifestsFor(files, {}).length, again.output);
  t.regex(textOf(await read('-n', 'mesh', 'deployment', 'heddle-injector')), /"replicas":3/);
  const other = await heddle(['install', '--apply', '--image', image], { access: plane });
  t.regex(other.output, /Heddle is installed in mesh already/);
});

test.serial('an upgrade keeps what was chosen, also where kubectl chose it, and takes its fields over', async (t) => {
  const injectors = ['-n', 'mesh', 'deployment', 'heddle-injector'] as const;
  const stale = manifestsFor(files, { image: image.replace(/:[^:]*$/, ':0.0.1'), namespace: 'mesh', replicas: 4 });
  const input = stale
    .filter(({ kind }) => kind === 'Deployment')
    .map((object) => JSON.stringify(object).replace('"args":["injector"]', '"args":["injector"],"command":["gone"]'))
    .join('\n');
  const applied = await tryRun(kubectlCommand(plane, ['apply', '-f', '-']), { input });
  t.true(applied.ok, applied.output);
  const { output } = await heddle(['upgrade', '--apply', '--timeout', '1s'], { access: plane });
  t.regex(output, /^From image registry\.example\.com\/heddle:0\.0\.1 to registry\.example\.com\/heddle:/);
  t.regex(output, /^Deployment mesh\/heddle-injector changed$/m);
  const deployment = textOf(await read(...injectors));
  t.regex(deployment, /"replicas":4/);
  t.true(deployment.includes(`"image":"${image}"`));
  // Only who owns a field can take it away.
  t.false(deployment.includes('"command"'), deployment);
  t.false(deployment.includes('"manager":"kubectl-client-side-apply"'));
});

test.serial('a check tells of an installation that nothing runs of', async (t) => {
  const { output } = await heddle(['check'], { access: plane });
  t.regex(output, /bad +injectors +waits for its controller/);
  t.regex(output, /bad +webhook +it has no CA/);
  const json = await heddle(['check', '-o', 'json'], { access: plane });
  t.true((JSON.parse(json.stdout) as unknown[]).length > 5);
});

test.serial('a status says what it cannot know without agents', async (t) => {
  const { output } = await heddle(['status'], { access: plane });
  t.regex(output, /There are no routes under Services\./);
  t.regex(output, /no agent is ready in mesh: how far sidecars are is not known/);
});

test.serial('an uninstallation names who is inside, deletes the webhook first, and says what stays', async (t) => {
  const shop = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels: { 'heddle.dev/inject': 'enabled' } },
  };
  const spec = {
    containers: [
      { name: 'app', image: 'app' },
      { name: 'heddle-sidecar', image },
    ],
  };
  const inside = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name: 'cart' }, spec };
  await kubectl('delete', 'mutatingwebhookconfiguration', 'heddle-injector');
  for (const object of [shop, inside]) await kubectlOf(plane, ['create', '-f', '-'], JSON.stringify(object));
  const refused = await heddle(['uninstall', '--delete', '-n', 'mesh'], { access: plane });
  t.regex(refused.output, /^A pod is still in the mesh: shop\/cart\n/);
  t.false(refused.ok);
  const forced = await heddle(['uninstall', '--delete', '--force', '-n', 'mesh', '--timeout', '1s'], { access: plane });
  t.regex(forced.output, /MutatingWebhookConfiguration heddle-injector was not there\nNamespace mesh deleted\n/);
  t.regex(forced.output, /Still there after 1s: Namespace mesh/);
  t.regex(forced.output, /- The label of 1 namespace, .*: shop\n/);
  const left = await kubectl('get', 'clusterroles', '-o', 'name');
  t.false(left.includes('heddle'), left);
});
