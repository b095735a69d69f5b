import type { Facts } from '../../../commands/check/facts.ts';
import { manifestsFor } from '../../../commands/install/settings.ts';
import { readManifestFiles } from '../../../commands/install/manifestFiles.ts';
import { createAuthority, issueCertificate } from '../../../injector/certificates/issue.ts';
import type { JsonObject } from '../../../runtime/json.ts';

export const nowMs = Date.UTC(2026, 10, 28, 8, 0, 0);
const day = 86_400_000;
export const image = 'registry.example.com/heddle:0.1.0';

function encode(pem: string): string {
  return Buffer.from(pem).toString('base64');
}

/** A CA of ten years and a certificate of 90 days, issued so many days ago; as base64 of PEM, as Kubernetes keeps them. */
export async function certificates(daysAgo: { readonly ca: number; readonly leaf: number }): Promise<{
  readonly pem: string;
  readonly bundle: string;
  readonly leaf: string;
}> {
  const ca = await createAuthority(nowMs - daysAgo.ca * day, 3650 * day);
  const request = {
    dnsNames: ['heddle-agent.heddle-system.svc'],
    now: nowMs - daysAgo.leaf * day,
    lifetimeMs: 90 * day,
  };
  const leaf = await issueCertificate(ca, request);
  return { pem: ca.certificate.pem, bundle: encode(ca.certificate.pem), leaf: encode(leaf.certificate.pem) };
}

const own = await certificates({ ca: 10, leaf: 10 });
const objects = manifestsFor(readManifestFiles(), { image });

function installed(kind: string, status: object): JsonObject {
  return { ...objects.find((object) => object.kind === kind), status };
}

/** The webhook configuration with that CA in all its parts but those left out. */
export function webhookWith(bundle: string, without: readonly number[] = []): JsonObject {
  const configuration = objects[0] as unknown as { readonly webhooks: readonly { readonly clientConfig: object }[] };
  const webhooks = configuration.webhooks.map((webhook, at) =>
    Object.assign({}, webhook, {
      clientConfig: { ...webhook.clientConfig, ...(without.includes(at) ? {} : { caBundle: bundle }) },
    }),
  );
  return { ...objects[0], webhooks };
}

export const agents = (status: object = {}): JsonObject =>
  installed('DaemonSet', {
    observedGeneration: 1,
    desiredNumberScheduled: 2,
    updatedNumberScheduled: 2,
    numberAvailable: 2,
    ...status,
  });
export const injectors = (status: object = {}): JsonObject =>
  installed('Deployment', {
    observedGeneration: 1,
    replicas: 2,
    updatedReplicas: 2,
    availableReplicas: 2,
    ...status,
  });

export const definition = (kind: string, version = 'v1.6.3'): JsonObject => ({
  metadata: {
    name: `${kind}.gateway.networking.k8s.io`,
    annotations: {
      'gateway.networking.k8s.io/bundle-version': version,
      'gateway.networking.k8s.io/channel': 'standard',
    },
  },
});

export const namespace = (name: string, labels: object = {}): JsonObject => ({ metadata: { name, labels } });
export const enabled = { 'heddle.dev/inject': 'enabled' };

export const node = (name: string, architecture = 'amd64', operatingSystem = 'linux'): JsonObject => ({
  metadata: { name },
  status: { nodeInfo: { architecture, operatingSystem } },
});

type PodOptions = { readonly metadata?: object; readonly spec?: object; readonly status?: object };

export function pod(name: string, { metadata = {}, spec = {}, status = {} }: PodOptions = {}): JsonObject {
  return {
    metadata: { namespace: 'shop', name, ...metadata },
    spec: {
      nodeName: 'node-a',
      initContainers: [{ name: 'heddle-sidecar', image }],
      containers: [{ name: 'app' }],
      ...spec,
    },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], ...status },
  };
}

export const plain = { initContainers: [] };

export const agentPod = (name: string, nodeName: string, status: object = {}): JsonObject =>
  pod(name, {
    metadata: { namespace: 'heddle-system', labels: { 'app.kubernetes.io/name': 'heddle-agent' } },
    spec: { nodeName, ...plain },
    status,
  });

export const service = (name: string, ports: readonly object[], metadata: object = {}): JsonObject => ({
  metadata: { namespace: 'shop', name, resourceVersion: '1', ...metadata },
  spec: { type: 'ClusterIP', clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ports },
});

const condition = (type: string, status: string, reason: string = type, message = ''): object => ({
  type,
  status,
  reason,
  message,
  observedGeneration: 1,
});

type RouteOptions = { readonly parentRef?: object; readonly conditions?: readonly object[] | undefined };

export function route(name: string, options: RouteOptions = {}): JsonObject {
  const { parentRef = { group: '', kind: 'Service', name: 'cart', port: 80 } } = options;
  const conditions =
    'conditions' in options ? options.conditions : [condition('Accepted', 'True'), condition('ResolvedRefs', 'True')];
  const parents =
    conditions === undefined ? [] : [{ parentRef, controllerName: 'heddle.dev/mesh-controller', conditions }];
  return {
    kind: 'HTTPRoute',
    metadata: { namespace: 'shop', name, generation: 1 },
    spec: { parentRefs: [parentRef] },
    status: { parents },
  };
}

export const refused = [
  condition(
    'Accepted',
    'False',
    'NoMatchingParent',
    'Service shop/carts does not exist; create it or correct parentRef',
  ),
  condition(
    'ResolvedRefs',
    'False',
    'BackendNotFound',
    'Service shop/v3 does not exist; create it or correct backendRef',
  ),
];

export const lease = (renewTime: string, holderIdentity = 'heddle-agent-a_1234'): JsonObject => ({
  spec: { holderIdentity, renewTime, leaseDurationSeconds: 15 },
});

export const configMap = (name: string, pem: string): JsonObject => ({
  metadata: { namespace: name, name: 'heddle-ca' },
  data: { 'ca.crt': pem },
});

/** A mesh in which all is good. */
export const healthy: Facts = {
  namespace: 'heddle-system',
  version: '0.1.0',
  nowMs,
  kubernetes: { major: '1', minor: '36', gitVersion: 'v1.36.0' },
  definitions: ['httproutes', 'grpcroutes', 'referencegrants'].map((kind) => definition(kind)),
  agents: agents(),
  injectors: injectors(),
  webhook: webhookWith(own.bundle),
  agentSecret: { data: { 'tls.crt': own.leaf } },
  lease: lease('2026-11-28T07:59:58.000000Z'),
  nodes: [node('node-a'), node('node-b', 'arm64')],
  namespaces: [
    namespace('heddle-system', { 'heddle.dev/inject': 'disabled' }),
    namespace('shop', enabled),
    namespace('bank'),
  ],
  pods: [agentPod('heddle-agent-a', 'node-a'), agentPod('heddle-agent-b', 'node-b'), pod('cart-1')],
  services: [service('cart', [{ name: 'http', port: 80, protocol: 'TCP' }])],
  configMaps: [configMap('shop', own.pem)],
  routes: [route('cart')],
  refused: [],
  rights: [{ what: 'create namespaces', isAllowed: true }],
};
