import { type KubernetesObject, apply, get } from '../kubectl.ts';
import { waitUntil } from '../process/progress.ts';
import { ask } from './call.ts';

/** A parentRef to a Service: its name, or more fields. */
type Parent = string | { readonly name: string; readonly [field: string]: unknown };

/** An HTTPRoute whose parent is a Service; or with a list of parentRefs as they stand. */
export function httpRoute(
  namespace: string,
  name: string,
  parent: Parent | readonly object[],
  rules: readonly object[],
): KubernetesObject {
  const parentRefs = Array.isArray(parent) ? parent : [serviceRef(parent as Parent)];
  const metadata = { namespace, name };
  return { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata, spec: { parentRefs, rules } };
}

/** A parentRef to a Service. */
export function serviceRef(parent: Parent): object {
  return { group: '', kind: 'Service', ...(typeof parent === 'string' ? { name: parent } : parent) };
}

/** A backendRef to port 80 of a Service, or with more fields. */
export function to(name: string, more: object = {}): object {
  return { name, port: 80, ...more };
}

/** A match of a path prefix. */
export function prefix(value: string, more: object = {}): object {
  return { path: { type: 'PathPrefix', value }, ...more };
}

/** A filter that sets a header of requests. */
export function setHeader(name: string, value: string): object {
  return { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name, value }] } };
}

/** A route that gives all requests of a Service the header `x-route` with this value. */
export function marking(namespace: string, name: string, value: string): KubernetesObject {
  return httpRoute(namespace, name, name, [{ filters: [setHeader('x-route', value)], backendRefs: [to(name)] }]);
}

/** Applies such a route to Service `web` and waits until requests of these pods show it. */
export async function mark(
  namespace: string,
  value: string,
  pods: readonly string[],
  timeoutMs = 60_000,
): Promise<void> {
  await apply([marking(namespace, 'web', value)]);
  for (const pod of pods) {
    await waitUntil(`route ${value} for ${namespace}/${pod}`, timeoutMs, async () => {
      return (await ask(namespace, pod, 'http://web/')).headers['x-route'] === value;
    });
  }
}

export type RouteParent = {
  readonly controllerName: string;
  readonly parentRef: Readonly<Record<string, unknown>>;
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
    readonly observedGeneration: number;
    readonly lastTransitionTime: string;
  }[];
};

/** A route as the API server has it. */
export async function readRoute(namespace: string, name: string) {
  const route = await get<{
    readonly metadata: { readonly generation: number; readonly resourceVersion: string };
    readonly status?: { readonly parents?: readonly RouteParent[] };
  }>('-n', namespace, 'httproute', name);
  return { ...route.metadata, parents: route.status?.parents ?? [] };
}
