import path from 'node:path';
import test from 'ava';
import { sidecarUid } from '../../contract/containers.ts';
import { injectLabel } from '../../contract/labels.ts';
import {
  agentName,
  agentSecret,
  caSecret,
  injectorName,
  systemNamespace,
  trustConfigMap,
} from '../../contract/objects.ts';
import { hintPath, readyPath, webhookPath } from '../../contract/paths.ts';
import { ports } from '../../contract/ports.ts';
import { defaultManifests } from './objects.ts';

const objects = defaultManifests();
const workloads = objects.flatMap(({ metadata, spec }) =>
  spec?.template === undefined ? [] : [{ name: metadata.name, spec: spec.template.spec }],
);

function namesOf(kind: string): string[] {
  return objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);
}

test('the objects have the names by which the programs look for them', (t) => {
  t.deepEqual(namesOf('Namespace'), [systemNamespace]);
  t.deepEqual(namesOf('DaemonSet'), [agentName]);
  t.deepEqual(namesOf('Deployment'), [injectorName]);
  t.deepEqual(namesOf('MutatingWebhookConfiguration'), [injectorName]);
  t.deepEqual(namesOf('Service').toSorted(), [agentName, injectorName]);
  for (const { kind, metadata } of objects) {
    if (metadata.namespace !== undefined) t.is(metadata.namespace, systemNamespace, `${kind} ${metadata.name}`);
  }
});

test('containers have the ports at which the programs listen', (t) => {
  const known = { discovery: ports.agent, metrics: ports.metrics, ready: ports.ready, webhook: ports.webhook };
  const declared = workloads.flatMap(({ spec }) => spec.containers).flatMap((container) => container.ports);
  const numbers = declared.map(({ name, containerPort }) => [name, containerPort]);
  t.deepEqual(Object.fromEntries(numbers), known);
  const service = objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === agentName);
  t.like(service?.spec?.ports?.[0], { name: 'discovery', port: ports.agent });
});

test('every program is asked where it answers whether it is ready', (t) => {
  for (const { readinessProbe } of workloads.flatMap(({ spec }) => spec.containers)) {
    t.deepEqual(readinessProbe.httpGet, { path: readyPath, port: 'ready' });
  }
});

test('every program runs as the user that redirect rules let pass', (t) => {
  t.is(workloads.length, 2);
  for (const { spec } of workloads) t.like(spec.securityContext, { runAsUser: sidecarUid, runAsGroup: sidecarUid });
});

test('the agent reads its certificate from the Secret that the injector writes', (t) => {
  const agent = workloads.find(({ name }) => name === agentName)?.spec;
  const container = agent?.containers[0];
  const volume = agent?.volumes?.find(({ secret }) => secret?.secretName === agentSecret)?.name;
  const folder = container?.volumeMounts?.find(({ name }) => name === volume)?.mountPath ?? '';
  const valueOf = (variable: string) => container?.env.find(({ name }) => name === variable)?.value;
  t.is(valueOf('HEDDLE_TLS_CERT_FILE'), path.join(folder, 'tls.crt'));
  t.is(valueOf('HEDDLE_TLS_KEY_FILE'), path.join(folder, 'tls.key'));
});

test('rights by name are for the objects that the programs write', (t) => {
  const named = objects.flatMap(({ rules = [] }) => rules).filter(({ resourceNames }) => resourceNames !== undefined);
  const known: Readonly<Record<string, readonly string[]>> = {
    secrets: [agentSecret, caSecret],
    configmaps: [trustConfigMap],
    leases: [agentName],
    services: [agentName],
    mutatingwebhookconfigurations: [injectorName],
  };
  const given = named.flatMap(({ resources, resourceNames = [] }) =>
    resources.map((resource) => [resource, resourceNames.toSorted()]),
  );
  t.deepEqual(Object.fromEntries(given), known);
});

test("the webhooks send pods of the label to the injector's Service, and none of the mesh's own namespace", (t) => {
  const webhooks = objects.flatMap((object) => object.webhooks ?? []);
  t.is(webhooks.length, 3);
  for (const { clientConfig, namespaceSelector, objectSelector } of webhooks) {
    t.like(clientConfig.service, { name: injectorName, namespace: systemNamespace });
    t.true([webhookPath, hintPath].includes(clientConfig.service.path));
    const asked = [namespaceSelector, objectSelector].flatMap(({ matchLabels = {}, matchExpressions = [] }) => {
      const keys = matchExpressions.map(({ key }) => key).filter((key) => key !== 'kubernetes.io/metadata.name');
      return Object.keys(matchLabels).concat(keys);
    });
    t.deepEqual([...new Set(asked)], [injectLabel]);
    const excluded = namespaceSelector.matchExpressions?.find(({ key }) => key === 'kubernetes.io/metadata.name');
    t.true(excluded?.operator === 'NotIn' && excluded.values?.includes(systemNamespace));
  }
  const own = objects.find(({ kind }) => kind === 'Namespace');
  t.is(own?.metadata.labels?.[injectLabel], 'disabled');
});
