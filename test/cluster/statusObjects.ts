import { setTimeout as sleep } from 'node:timers/promises';
import type { Api, ApiRequest, UpgradeRequest } from '../../kubernetes/api.ts';
import { fieldsOf } from '../../runtime/json.ts';
import type { RouteParent } from './support/route.ts';

export const routesPath = '/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes';

export function createService(api: Api, name: string, spec: object): Promise<unknown> {
  const body = { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
  return api.request({ method: 'POST', path: '/api/v1/namespaces/default/services', body });
}

export type RouteSpec = { readonly parentRefs: readonly object[]; readonly rules?: readonly object[] };

export function createRoute(api: Api, name: string, spec: RouteSpec): Promise<unknown> {
  const body = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name }, spec };
  return api.request({ method: 'POST', path: routesPath, body });
}

/** Changes a route or, with `/status` behind its name, its status. */
export function patchRoute(api: Api, name: string, body: object): Promise<unknown> {
  const contentType = 'application/merge-patch+json';
  return api.request({ method: 'PATCH', path: `${routesPath}/${name}`, contentType, body });
}

export async function readRoute(api: Api, name: string) {
  const route = await api.request({ path: `${routesPath}/${name}` });
  const metadata = fieldsOf(fieldsOf(route)['metadata']);
  const parents = (fieldsOf(fieldsOf(route)['status'])['parents'] ?? []) as readonly RouteParent[];
  return { metadata, parents };
}

export type Sent = { readonly by: string; readonly request: ApiRequest; readonly atMs: number };

/** Passes requests on, takes note of those that write, and holds all while `held`, as a network that lost them would. */
export function watchApi(api: Api, by: string, sent: Sent[]): Api & { held: boolean } {
  const gated = {
    held: false,
    async request(request: ApiRequest): Promise<unknown> {
      const giveUp = AbortSignal.any([
        AbortSignal.timeout(request.timeoutMs ?? 10_000),
        ...(request.signal === undefined ? [] : [request.signal]),
      ]);
      while (gated.held) {
        giveUp.throwIfAborted();
        await sleep(10);
      }
      if (request.method !== undefined && request.method !== 'GET') sent.push({ by, request, atMs: performance.now() });
      return api.request(request);
    },
    stream: (request: ApiRequest) => api.stream(request),
    upgrade: (request: UpgradeRequest) => api.upgrade(request),
    close: () => api.close(),
  };
  return gated;
}
