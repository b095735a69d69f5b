import { type BackendName, backendPorts, podAddress } from './ground.ts';
import { ruleFeatures } from './ruleFeatures.ts';

/** The Services that a sidecar has: one for each row, those of the weighted backends, and those of a rule's features. */
export type ServiceName = keyof typeof backends;
export type ServiceAt = { readonly address: string; readonly port: number };
export type MeshServices = Readonly<Record<ServiceName, ServiceAt>>;

/** What each leads to. */
const backends = {
  http: 'http',
  tcp: 'tcp',
  v1: 'http',
  v2: 'http',
  post: 'post',
  large: 'large',
  websocket: 'websocket',
  latency: 'latency',
  slow: 'slow',
  http2: 'http2',
  http2Stream: 'http2Stream',
  rpc: 'rpc',
  plain: 'http',
  timeouts: 'http',
  retry: 'http',
  cors: 'http',
  mirror: 'http',
  together: 'http',
  stuck: 'stuck',
  sink: 'sink',
} as const satisfies Readonly<Record<string, BackendName>>;

/** The Services that lead to the sidecar under measurement, and those that lead to another bundle of it. */
export const meshServices = {
  present: servicesIn('10.96.0'),
  before: servicesIn('10.96.2'),
} as const satisfies Readonly<Record<string, MeshServices>>;

function servicesIn(net: string): MeshServices {
  const at = (last: number): ServiceAt => ({ address: `${net}.${last}`, port: 80 });
  return {
    http: at(10),
    tcp: { address: `${net}.11`, port: 9000 },
    v1: at(12),
    v2: at(13),
    post: at(14),
    large: at(15),
    websocket: at(16),
    latency: at(17),
    slow: at(18),
    http2: at(19),
    plain: at(20),
    timeouts: at(21),
    retry: at(22),
    cors: at(23),
    mirror: at(24),
    together: at(25),
    stuck: at(26),
    sink: at(27),
    http2Stream: at(28),
    rpc: at(29),
  };
}

const ruleCount = 50;
const rulesPerRoute = 10;

/** The path that the load asks for: rule 25 of 50. */
export const requestPath = '/service-25/items/42?page=2';

/**
 * What the agent reads, as YAML: on the Service of most rows 50 rules in five HTTPRoutes, two weighted backends each; on each
 * of the others one rule, or none where it is opaque.
 */
export function meshObjects(services: MeshServices): string {
  const names = Object.keys(services) as ServiceName[];
  const objects = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bench' } },
    ...names.flatMap((name) => serviceObjects(name, services[name], backends[name])),
    ...Array.from({ length: ruleCount / rulesPerRoute }, (_, index) => manyRules(index)),
    ...names.filter((name) => !['http', 'v1', 'v2', 'tcp', 'stuck', 'sink'].includes(name)).map(oneRule),
  ];
  return yaml(objects);
}

/** The objects as documents of one file. */
export function yaml(objects: readonly unknown[]): string {
  return objects.map((object) => JSON.stringify(object)).join('\n---\n');
}

const portNames: Partial<Record<BackendName, string>> = {
  tcp: 'tcp-bulk',
  http2: 'http2',
  http2Stream: 'http2',
  rpc: 'grpc',
};

/** A Service and the slice with its one endpoint. */
export function serviceObjects(name: string, at: ServiceAt, backend: BackendName): unknown[] {
  const targetPort = backendPorts[backend];
  const portName = portNames[backend] ?? 'http';
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'bench' },
      spec: {
        clusterIP: at.address,
        clusterIPs: [at.address],
        ports: [{ name: portName, port: at.port, targetPort, protocol: 'TCP' }],
      },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-1`, namespace: 'bench', labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: portName, port: targetPort, protocol: 'TCP' }],
      endpoints: [{ addresses: [podAddress], conditions: { ready: true, serving: true, terminating: false } }],
    },
  ];
}

function manyRules(index: number): unknown {
  return route(`shop-${index}`, 'http', {
    creationTimestamp: `2026-01-01T00:00:0${index}Z`,
    rules: Array.from({ length: rulesPerRoute }, (_, rule) => ({
      matches: [{ path: { type: 'PathPrefix', value: `/service-${index * rulesPerRoute + rule}` } }],
      backendRefs: [
        { name: 'v1', port: 80, weight: 90 },
        { name: 'v2', port: 80, weight: 10 },
      ],
    })),
  });
}

function oneRule(name: ServiceName): unknown {
  const rule = { backendRefs: [{ name, port: 80 }], ...ruleFeatures[name] };
  return route(name, name, { creationTimestamp: '2026-01-01T00:00:00Z', rules: [rule] });
}

type RouteParts = { readonly creationTimestamp: string; readonly rules: readonly unknown[] };

function route(name: string, parent: ServiceName, { creationTimestamp, rules }: RouteParts): unknown {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace: 'bench', creationTimestamp },
    spec: { parentRefs: [{ group: '', kind: 'Service', name: parent, port: 80 }], rules },
  };
}
