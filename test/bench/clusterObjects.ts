import type { ApiRequest } from '../../kubernetes/api.ts';
import { httpRoute, prefix, to } from '../cluster/support/route.ts';

/** Requests that make the objects of a large cluster; names follow from the number. */
export function makeNamespace(name: string): ApiRequest {
  return post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

export function makeService(namespace: string, index: number): ApiRequest {
  return post(`/api/v1/namespaces/${namespace}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `svc-${index}`, labels: { app: `app-${index}` } },
    spec: { selector: { app: `app-${index}` }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  });
}

export function makeEndpointSlice(namespace: string, index: number, endpoints: number): ApiRequest {
  const service = `svc-${index}`;
  return post(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${service}-x7k2p`, labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: Array.from({ length: endpoints }, (_, at) => {
      const number = index * endpoints + at;
      return {
        addresses: [`10.${16 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: `node-${number % 50}`,
        zone: `zone-${number % 3}`,
        targetRef: { kind: 'Pod', namespace, name: `${service}-7f6d9c-${at}`, uid: `0000-${number}` },
      };
    }),
  });
}

export function makeRoute(
  namespace: string,
  index: number,
  weight: number,
  what: 'new' | 'change' = 'new',
): ApiRequest {
  const name = `route-${index}`;
  const service = `svc-${index}`;
  const route = httpRoute(namespace, name, { name: service, port: 80 }, [
    { matches: [prefix('/v2')], backendRefs: [to(service, { weight: 1 })] },
    { backendRefs: [to(service, { weight }), to(service, { weight: 1 })] },
  ]);
  const path = `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes`;
  if (what === 'new') return post(path, route);
  const body = { spec: route['spec'] };
  return { method: 'PATCH', path: `${path}/${name}`, body, contentType: 'application/merge-patch+json' };
}

function post(path: string, body: unknown): ApiRequest {
  return { method: 'POST', path, body };
}
