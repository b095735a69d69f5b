import { decodeServed } from '../../agent/objects/decode.ts';
import type { Kind, KubernetesObject } from '../../agent/objects/types.ts';

/** So many namespaces share the objects; every ninth route has a backend in the next one. */
export const namespaces = 20;
const endpointsPerService = 4;

/** `shop-3`, the namespace of the object with this number. */
export function namespaceOf(index: number): string {
  return `shop-${index % namespaces}`;
}

/** Service `svc-<index>` with two ports. `appProtocol` makes another version of it. */
export function service(index: number, appProtocol = 'http'): KubernetesObject {
  const ports = [
    { name: 'http', port: 80, targetPort: 8080, protocol: 'TCP', appProtocol },
    { name: 'metrics', port: 9090, targetPort: 9090, protocol: 'TCP' },
  ];
  const clusterIP = `10.${96 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
  const spec = { type: 'ClusterIP', clusterIP, clusterIPs: [clusterIP], selector: { app: `app-${index}` }, ports };
  return served('Service', { metadata: metadata(`svc-${index}`, index), spec });
}

/** The slice of Service `svc-<index>` with four endpoints. `shift` moves them to other addresses. */
export function slice(index: number, shift = 0): KubernetesObject {
  const name = `svc-${index}`;
  const endpoints = Array.from({ length: endpointsPerService }, (_, at) => {
    const number = index * endpointsPerService + at;
    return {
      addresses: [`10.${16 + (number >> 16) + shift}.${(number >> 8) & 255}.${number & 255}`],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: `node-${number % 50}`,
      zone: `zone-${number % 3}`,
      targetRef: { kind: 'Pod', namespace: namespaceOf(index), name: `${name}-7f6d9c-${at}`, uid: `0000-${number}` },
    };
  });
  const labels = { 'kubernetes.io/service-name': name };
  return served('EndpointSlice', {
    metadata: { ...metadata(`${name}-x7k2p`, index), labels },
    addressType: 'IPv4',
    ports: [
      { name: 'http', port: 8080, protocol: 'TCP' },
      { name: 'metrics', port: 9090, protocol: 'TCP' },
    ],
    endpoints,
  });
}

/** HTTPRoute `route-<index>` of Service `svc-<index>`: two rules, a header match, a filter, three backends. */
export function route(index: number, weight = 1): KubernetesObject {
  const name = `svc-${index}`;
  const to = (more: object): object => ({ name, port: 80, ...more });
  // The next number stands in the next namespace.
  const other = index % 9 === 0 ? [{ name: `svc-${index + 1}`, namespace: namespaceOf(index + 1), port: 80 }] : [];
  const filter = {
    type: 'RequestHeaderModifier',
    requestHeaderModifier: { set: [{ name: 'x-version', value: 'v2' }] },
  };
  const headers = [{ type: 'Exact', name: 'x-canary', value: 'always' }];
  return served('HTTPRoute', {
    metadata: { ...metadata(`route-${index}`, index), generation: weight },
    spec: {
      parentRefs: [{ group: '', kind: 'Service', name, port: 80 }],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/v2' }, headers }],
          filters: [filter],
          backendRefs: [to({ weight: 1 })],
        },
        { backendRefs: [to({ weight }), to({ weight: 1 }), ...other] },
      ],
    },
  });
}

/** A ReferenceGrant of namespace `shop-<to>` for the routes of the one before it. */
export function grant(to: number): KubernetesObject {
  return served('ReferenceGrant', {
    metadata: { ...metadata('from-before', to) },
    spec: {
      from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: namespaceOf(to + namespaces - 1) }],
      to: [{ group: '', kind: 'Service' }],
    },
  });
}

function metadata(name: string, index: number): object {
  const uid = `7d1c3b6e-0000-4000-8000-${String(index).padStart(12, '0')}`;
  return { namespace: namespaceOf(index), name, uid, creationTimestamp: '2026-11-25T10:00:00Z' };
}

/** As it comes from an API server: out of text of its own, so that no object shares its strings with another. */
function served(kind: Kind, written: object): KubernetesObject {
  const decoded = decodeServed(kind, JSON.parse(JSON.stringify(written)));
  if (!decoded.ok) throw new Error(decoded.problems.map(({ message }) => message).join('; '));
  return decoded.object;
}
