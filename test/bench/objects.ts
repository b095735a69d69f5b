import { backendPorts, podAddress } from './ground.ts';

/** Services of one sidecar: HTTP with its two backends, opaque TCP, a backend that never answers and one that always does. */
export type MeshServices = Readonly<Record<'http' | 'v1' | 'v2' | 'tcp' | 'stuck' | 'sink', ServiceAt>>;
type ServiceAt = { readonly address: string; readonly port: number };

/** The Services that lead to the sidecar under measurement, and those that lead to another bundle of it. */
export const meshServices = {
  present: servicesIn('10.96.0'),
  before: servicesIn('10.96.2'),
} as const satisfies Readonly<Record<string, MeshServices>>;

function servicesIn(net: string): MeshServices {
  return {
    http: { address: `${net}.10`, port: 80 },
    tcp: { address: `${net}.11`, port: 9000 },
    v1: { address: `${net}.12`, port: 80 },
    v2: { address: `${net}.13`, port: 80 },
    stuck: { address: `${net}.14`, port: 80 },
    sink: { address: `${net}.15`, port: 80 },
  };
}

const ruleCount = 50;
const rulesPerRoute = 10;

/** The path that the load asks for: rule 25 of 50. */
export const requestPath = '/service-25/items/42?page=2';

/** What the agent reads: 50 rules in five HTTPRoutes on one Service, two weighted backends each, and a TCP Service. */
export function meshObjects({ http, v1, v2, tcp, stuck, sink }: MeshServices): string {
  const objects = [
    namespace('bench'),
    service('shop', http, { name: 'http', targetPort: backendPorts.http }),
    service('shop-v1', v1, { name: 'http', targetPort: backendPorts.http }),
    service('shop-v2', v2, { name: 'http', targetPort: backendPorts.http }),
    service('bulk', tcp, { name: 'tcp-bulk', targetPort: backendPorts.tcp }),
    service('stuck', stuck, { name: 'http', targetPort: backendPorts.stuck }),
    service('sink', sink, { name: 'http', targetPort: backendPorts.sink }),
    slice('stuck', 'http', backendPorts.stuck),
    slice('sink', 'http', backendPorts.sink),
    ...['shop', 'shop-v1', 'shop-v2'].map((name) => slice(name, 'http', backendPorts.http)),
    slice('bulk', 'tcp-bulk', backendPorts.tcp),
    ...Array.from({ length: ruleCount / rulesPerRoute }, (_, index) => route(index, http.port)),
  ];
  return objects.map((object) => JSON.stringify(object)).join('\n---\n');
}

function namespace(name: string): unknown {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

function service(name: string, at: ServiceAt, port: { readonly name: string; readonly targetPort: number }): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'bench' },
    spec: {
      clusterIP: at.address,
      clusterIPs: [at.address],
      ports: [{ name: port.name, port: at.port, targetPort: port.targetPort, protocol: 'TCP' }],
    },
  };
}

function slice(serviceName: string, portName: string, port: number): unknown {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${serviceName}-1`,
      namespace: 'bench',
      labels: { 'kubernetes.io/service-name': serviceName },
    },
    addressType: 'IPv4',
    ports: [{ name: portName, port, protocol: 'TCP' }],
    endpoints: [{ addresses: [podAddress], conditions: { ready: true, serving: true, terminating: false } }],
  };
}

function route(index: number, port: number): unknown {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: {
      name: `shop-${index}`,
      namespace: 'bench',
      creationTimestamp: `2026-01-01T00:00:0${index}Z`,
    },
    spec: {
      parentRefs: [{ group: '', kind: 'Service', name: 'shop', port }],
      rules: Array.from({ length: rulesPerRoute }, (_, rule) => ({
        matches: [{ path: { type: 'PathPrefix', value: `/service-${index * rulesPerRoute + rule}` } }],
        backendRefs: [
          { name: 'shop-v1', port: 80, weight: 90 },
          { name: 'shop-v2', port: 80, weight: 10 },
        ],
      })),
    },
  };
}
