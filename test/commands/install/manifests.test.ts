import { spawnSync } from 'node:child_process';
import test from 'ava';
import { parseAllDocuments } from 'yaml';
import { apiPath, printManifest } from '../../../commands/install/apiPath.ts';
import { imageOfVersion, installedSettings } from '../../../commands/install/installedSettings.ts';
import { kustomize, type Manifest } from '../../../commands/install/kustomize.ts';
import { readManifestFiles } from '../../../commands/install/manifestFiles.ts';
import { type InstallSettings, manifestsFor } from '../../../commands/install/settings.ts';
import { bundleCommand } from '../transcript.ts';

const files = readManifestFiles();
const image = 'registry.example.com/mesh/heddle:1.2.3';

function objectOf(objects: readonly Manifest[], kind: string): Manifest {
  const found = objects.find((object) => object.kind === kind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
}

function textOf(objects: readonly Manifest[], kind: string): string {
  return JSON.stringify(objectOf(objects, kind));
}

test('the image that is given stands in every container, and in what the injector adds', (t) => {
  const { objects } = kustomize(files, image);
  const images = JSON.stringify(objects).match(/"(?:image|value)":"[^"]*heddle:[^"]*"/g);
  t.deepEqual(images, [`"image":"${image}"`, `"image":"${image}"`, `"value":"${image}"`]);
});

test('without an image it is the one of the kustomization', (t) => {
  t.regex(kustomize(files).image, /^heddle:\d+\.\d+\.\d+$/);
});

test('a field that is not understood is told, not passed over', (t) => {
  const odd = new Map([...files, ['kustomization.yaml', `${files.get('kustomization.yaml')}\nnamePrefix: a-\n`]]);
  t.throws(() => kustomize(odd), { message: /kustomization.yaml has namePrefix/ });
});

test('the webhook stands first, since it has to go first', (t) => {
  t.is(manifestsFor(files, {})[0]?.kind, 'MutatingWebhookConfiguration');
});

test('another namespace is named everywhere', (t) => {
  const text = JSON.stringify(manifestsFor(files, { namespace: 'mesh' }));
  t.false(text.includes('heddle-system'));
  t.true(text.includes('"value":"heddle-agent.mesh.svc:15010"'));
  t.true(text.includes('"key":"kubernetes.io/metadata.name","operator":"NotIn","values":["mesh","kube-system"'));
});

test('one injector never blocks a drain, several keep one', (t) => {
  const budgetOf = (replicas: number): unknown =>
    (objectOf(manifestsFor(files, { replicas }), 'PodDisruptionBudget')['spec'] as { minAvailable: unknown })
      .minAvailable;
  t.is(budgetOf(1), 0);
  t.is(budgetOf(3), 1);
  t.true(textOf(manifestsFor(files, { replicas: 3 }), 'Deployment').includes('"replicas":3'));
});

test('resources are changed one by one, and none leaves one out', (t) => {
  const objects = manifestsFor(files, {
    agent: { cpuRequest: '200m', memoryLimit: 'none' },
    sidecar: { memoryLimit: '128Mi', cpuLimit: 'none' },
  });
  t.true(textOf(objects, 'DaemonSet').includes('"resources":{"requests":{"cpu":"200m","memory":"128Mi"}}'));
  const injector = textOf(objects, 'Deployment');
  t.true(injector.includes('{"name":"HEDDLE_SIDECAR_MEMORY_LIMIT","value":"128Mi"}'));
  t.true(injector.includes('{"name":"HEDDLE_SIDECAR_CPU_LIMIT","value":"none"}'));
  t.true(injector.includes('"limits":{"memory":"256Mi"}'));
});

test('an upgrade finds again what was chosen', (t) => {
  const settings: InstallSettings = {
    image,
    namespace: 'mesh',
    replicas: 4,
    agent: { cpuRequest: '70m', cpuLimit: '2', memoryRequest: 'none', memoryLimit: '2Gi' },
    injector: { cpuRequest: 'none', cpuLimit: 'none', memoryRequest: '64Mi', memoryLimit: 'none' },
    sidecar: { cpuRequest: '10m', memoryLimit: '99Mi' },
  };
  const objects = manifestsFor(files, settings);
  const found = installedSettings({
    agents: objectOf(objects, 'DaemonSet'),
    injectors: objectOf(objects, 'Deployment'),
  });
  t.deepEqual(found, settings as never);
  t.deepEqual(manifestsFor(files, found), objects);
});

test('the image of another version has the same repository', (t) => {
  t.is(imageOfVersion('heddle:0.1.0', '0.2.0'), 'heddle:0.2.0');
  t.is(imageOfVersion('registry:5000/heddle:0.1.0', '0.2.0'), 'registry:5000/heddle:0.2.0');
  t.is(imageOfVersion('registry:5000/heddle', '0.2.0'), 'registry:5000/heddle:0.2.0');
  t.is(imageOfVersion(`heddle@sha256:${'0'.repeat(64)}`, '0.2.0'), undefined);
});

test('each object has its path and name', (t) => {
  const objects = manifestsFor(files, {});
  const paths = new Set(objects.map(apiPath));
  t.is(paths.size, objects.length);
  t.true(paths.has('/apis/apps/v1/namespaces/heddle-system/daemonsets/heddle-agent'));
  t.true(paths.has('/api/v1/namespaces/heddle-system'));
  t.is(printManifest(objectOf(objects, 'DaemonSet')), 'DaemonSet heddle-system/heddle-agent');
});

test('the bundled command has the manifests inside, and prints what kubectl takes', async (t) => {
  const command = await bundleCommand();
  t.teardown(() => command.remove());
  const run = (...words: readonly string[]): unknown[] => {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [command.program.replace('heddle.mjs', 'commands.mjs'), ...words],
      {
        encoding: 'utf8',
        cwd: '/',
      },
    );
    t.deepEqual([stderr, status], ['', 0]);
    const documents = parseAllDocuments(stdout);
    return Array.isArray(documents) ? documents.map((document) => document.toJS() as unknown) : [];
  };
  t.deepEqual(
    run('install', '--image', image, '--replicas', '3'),
    manifestsFor(files, { image, replicas: 3 }) as unknown[],
  );
  t.deepEqual(run('uninstall', '-n', 'mesh'), manifestsFor(files, { namespace: 'mesh' }) as unknown[]);
});
