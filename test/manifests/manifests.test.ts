import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { agentSettings } from '../../agent/settings.ts';
import { imageConfig } from '../../build/image/config.ts';
import { roles } from '../../cli/roles.ts';
import { hintPath, webhookPath } from '../../contract/paths.ts';
import { injectorSettings } from '../../injector/settings.ts';
import manifest from '../../package.json' with { type: 'json' };
import { defaultManifests, folder, kustomization, type Manifest, type Selector, yamlFiles } from './objects.ts';

const objects = defaultManifests();
const templates = objects.flatMap(({ kind, metadata, spec }) =>
  spec?.template === undefined ? [] : [{ name: `${kind} ${metadata.name}`, ...spec.template }],
);
const containers = templates.flatMap(({ spec }) => spec.containers);

function rulesOf(...kinds: readonly string[]) {
  return objects.filter(({ kind }) => kinds.includes(kind)).flatMap(({ rules = [] }) => rules);
}

function allWebhooks() {
  return objects.flatMap((object) => object.webhooks ?? []);
}

/** Those that add sidecars. */
function webhooks() {
  return allWebhooks().filter(({ clientConfig }) => clientConfig.service.path === webhookPath);
}

test('every file of manifests/default is named in its kustomization, and there is no other', (t) => {
  t.deepEqual(kustomization('default').resources.toSorted(), yamlFiles('default').toSorted());
  for (const overlay of readdirSync(path.join(folder, 'overlays'))) {
    const { resources } = kustomization(`overlays/${overlay}`);
    // What stands beside the mesh is taken away without it.
    const own = yamlFiles(`overlays/${overlay}`);
    t.deepEqual(resources.toSorted(), own.length === 0 ? ['../../default'] : own.toSorted(), overlay);
  }
});

test('no rule has a wildcard', (t) => {
  const rules = rulesOf('Role', 'ClusterRole');
  t.true(rules.length > 10);
  for (const { apiGroups, resources, verbs } of rules)
    t.false([apiGroups, resources, verbs].flat().join().includes('*'));
});

test('nothing may read secrets of the cluster, and in heddle-system only those by name', (t) => {
  t.false(rulesOf('ClusterRole').some(({ resources }) => resources.includes('secrets')));
  const rules = rulesOf('Role').filter(({ resources }) => resources.includes('secrets'));
  t.true(rules.length > 0);
  for (const { verbs, resourceNames } of rules) {
    if (resourceNames === undefined) t.deepEqual(verbs, ['create']);
    else t.deepEqual(resourceNames.toSorted(), ['heddle-agent-tls', 'heddle-ca']);
  }
});

function rightsOf(kind: string, name: string): string[] {
  return objects
    .filter((object) => object.kind === kind && object.metadata.name === name)
    .flatMap(({ rules = [] }) => rules)
    .flatMap(({ resources, verbs }) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)));
}

test('no program has a right that it does not use', (t) => {
  t.deepEqual(rightsOf('ClusterRole', 'heddle-injector').toSorted(), [
    'create configmaps',
    'create events',
    'get configmaps',
    'get daemonsets',
    'get jobs',
    'get mutatingwebhookconfigurations',
    'get namespaces',
    'get pods',
    'get replicasets',
    'get replicationcontrollers',
    'get statefulsets',
    'list configmaps',
    'list namespaces',
    'list pods',
    'patch mutatingwebhookconfigurations',
    'update configmaps',
  ]);
  t.deepEqual(rightsOf('Role', 'heddle-injector').toSorted(), [
    'create secrets',
    'get secrets',
    'get services',
    'update secrets',
  ]);
  const status = rightsOf('ClusterRole', 'heddle-agent').filter((right) => right.includes('/status'));
  t.true(
    status.every((right) => right.startsWith('patch ')),
    status.join(),
  );
});

test('what may be changed in the whole cluster is status, or one object by its name, or new', (t) => {
  const changes = rulesOf('ClusterRole').filter(({ verbs }) =>
    verbs.some((verb) => !/^(?:get|list|watch)$/.test(verb)),
  );
  for (const { resources, verbs, resourceNames } of changes) {
    const status = resources.every((resource) => resource.endsWith('/status'));
    const onlyNew = verbs.every((verb) => !/^(?:update|patch|delete|deletecollection)$/.test(verb));
    t.true(status || resourceNames?.length === 1 || onlyNew, resources.join());
  }
});

test('every pod is what the Pod Security level restricted admits, on a read-only root', (t) => {
  t.is(templates.length, 2);
  for (const { name, spec } of templates) {
    t.like(
      spec.securityContext,
      { runAsNonRoot: true, runAsUser: 1337, seccompProfile: { type: 'RuntimeDefault' } },
      name,
    );
    t.is(spec.hostNetwork, undefined);
    for (const { securityContext } of spec.containers) {
      t.deepEqual(securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  }
});

test('the image is that of package.json everywhere, and starts a role that it has', (t) => {
  const { version } = manifest;
  t.deepEqual(kustomization('default').images, [{ name: 'heddle', newName: 'heddle', newTag: version }] as never);
  for (const { image, args } of containers) {
    t.is(image, 'heddle');
    t.true(args.length === 1 && Object.hasOwn(roles, args[0] ?? ''), args.join());
  }
  const values = containers.flatMap(({ env }) => env.map(({ value }) => value));
  t.false(values.includes(version), 'kustomization.yaml is the one place that names the version');
});

test('the Dockerfile starts containers as the image built without it does', (t) => {
  const dockerfile = readFileSync(path.join(folder, '../Dockerfile'), 'utf8');
  const { User, Env, Entrypoint, WorkingDir, Labels } = imageConfig({
    version: manifest.version,
    revision: '$REVISION',
  });
  const labels = Object.entries(Labels).map(([name, value]) => `${name}="${value}"`);
  const lines = [`USER ${User}`, `ENV ${Env[0]}`, `ENTRYPOINT ${JSON.stringify(Entrypoint)}`, `WORKDIR ${WorkingDir}`];
  for (const line of [...lines, ...labels]) t.true(dockerfile.includes(line), line);
  t.is(dockerfile.split('org.opencontainers.image.').length - 1, labels.length, 'no other label');
});

for (const [program, settings] of [
  ['agent', agentSettings],
  ['injector', injectorSettings],
] as const) {
  test(`${program}: every variable that its manifest sets is read by it`, (t) => {
    const env = containers.find(({ name }) => name === program)?.env ?? [];
    const known = new Set(Object.values(settings).map(({ variable }) => variable));
    t.true(env.length > 3);
    for (const { name } of env) t.true(known.has(name), name);
  });
}

for (const [program, settings] of [
  ['agent', agentSettings],
  ['injector', injectorSettings],
] as const) {
  test(`${program}: no Service of its namespace can change a setting of it`, (t) => {
    const env = containers.find(({ name }) => name === program)?.env ?? [];
    const variables = Object.values(settings).map(({ variable }) => variable);
    const ports = variables.filter((variable) => variable.endsWith('_PORT'));
    t.true(ports.length > 0);
    for (const port of ports) t.truthy(env.find(({ name }) => name === port)?.value, `${port} is not said`);
  });
}

test('no pod of ours gets variables for Services', (t) => {
  for (const { name, spec } of templates) t.is(spec.enableServiceLinks, false, name);
});

test('the webhooks ask for a label, and fail closed', (t) => {
  t.is(webhooks().length, 2);
  for (const { failurePolicy, namespaceSelector, objectSelector, clientConfig } of webhooks()) {
    t.is(failurePolicy, 'Fail');
    const asked = [namespaceSelector, objectSelector].filter(
      ({ matchLabels, matchExpressions = [] }) =>
        matchLabels?.['heddle.dev/inject'] === 'enabled' ||
        matchExpressions.some(({ key, operator }) => key === 'heddle.dev/inject' && operator === 'Exists'),
    );
    t.is(asked.length, 1);
    t.is(clientConfig.caBundle, undefined, 'the injector owns it; a value here would be put back on every apply');
  }
});

test('the webhook for hints asks about pods outside that have a key like ours, and is no obstacle', (t) => {
  const hints = allWebhooks().filter(({ clientConfig }) => clientConfig.service.path === hintPath);
  t.is(hints.length, 1);
  const [hint] = hints;
  if (hint === undefined) return;
  t.is(hint.failurePolicy, 'Ignore');
  t.is(hint.matchConditions?.length, 1);
  const asks = (namespace: Labels, pod: Labels): boolean =>
    selects(hint.namespaceSelector, namespace) && selects(hint.objectSelector, pod);
  t.true(asks({}, {}));
  t.false(asks({ [inject]: 'enabled' }, {}), 'it is sent for a sidecar');
  t.false(asks({}, { [inject]: 'enabled' }), 'so is this');
  t.false(asks({}, { [inject]: 'disabled' }));
  t.false(asks({ [nameLabel]: 'heddle-system' }, {}));
});

const inject = 'heddle.dev/inject';
const nameLabel = 'kubernetes.io/metadata.name';
const pods: readonly [title: string, namespace: Labels, pod: Labels, calls: number][] = [
  ['a pod of a labelled namespace is sent once', { [inject]: 'enabled' }, {}, 1],
  ['a pod that also opts in itself is sent once', { [inject]: 'enabled' }, { [inject]: 'enabled' }, 1],
  ['a pod that opts out is not sent', { [inject]: 'enabled' }, { [inject]: 'disabled' }, 0],
  ['a pod that opts in elsewhere is sent once', {}, { [inject]: 'enabled' }, 1],
  [
    'a pod that opts in where the namespace says disabled is sent once',
    { [inject]: 'disabled' },
    { [inject]: 'enabled' },
    1,
  ],
  ['a pod that opts in with a wrong word is sent, to be told', {}, { [inject]: 'true' }, 1],
  ['a pod that opts out where nothing opts in is not sent', {}, { [inject]: 'disabled' }, 0],
  ['any other pod is not sent', {}, {}, 0],
  [
    'a pod of kube-system is never sent',
    { [inject]: 'enabled', [nameLabel]: 'kube-system' },
    { [inject]: 'enabled' },
    0,
  ],
  ['a pod of heddle-system is never sent', { [inject]: 'enabled', [nameLabel]: 'heddle-system' }, {}, 0],
  ['nor when only the pod asks', { [nameLabel]: 'heddle-system' }, { [inject]: 'enabled' }, 0],
];

for (const [title, namespace, pod, calls] of pods) {
  test(`webhook: ${title}`, (t) => {
    const sent = webhooks().filter(
      ({ namespaceSelector, objectSelector }) => selects(namespaceSelector, namespace) && selects(objectSelector, pod),
    );
    t.is(sent.length, calls);
  });
}

type Labels = Readonly<Record<string, string>>;

/** Label selectors as the API server evaluates them: NotIn holds for what lacks the label. */
function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === 'In') return value !== undefined && values.includes(value);
      if (operator === 'NotIn') return value === undefined || !values.includes(value);
      return (operator === 'Exists') === (value !== undefined);
    })
  );
}

test('services and network policies let through the ports that the containers have', (t) => {
  const ports = containers.flatMap((container) => container.ports.map(({ containerPort }) => containerPort));
  const opened = objects.filter(({ kind }) => kind === 'NetworkPolicy').flatMap((policy) => policyPorts(policy));
  t.deepEqual(new Set(opened), new Set(ports));
});

function policyPorts({ spec }: Manifest): number[] {
  const { ingress } = spec as unknown as {
    readonly ingress: readonly { readonly ports: readonly { readonly port: number }[] }[];
  };
  return ingress.flatMap(({ ports }) => ports.map(({ port }) => port));
}
