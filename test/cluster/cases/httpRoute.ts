import { type KubernetesObject, get } from '../kubectl.ts';

type ServiceName = string | { readonly name: string; readonly namespace?: string; readonly port?: number };

/** An HTTPRoute whose parent is a Service, by name or with more fields of the parentRef. */
export function httpRoute(
  namespace: string,
  name: string,
  parent: ServiceName | readonly object[],
  rules: readonly object[],
): KubernetesObject {
  const parentRefs = Array.isArray(parent) ? parent : [serviceRef(parent as ServiceName)];
  const metadata = { namespace, name };
  return { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata, spec: { parentRefs, rules } };
}

/** A parentRef to a Service. */
export function serviceRef(service: ServiceName): object {
  return { group: '', kind: 'Service', ...(typeof service === 'string' ? { name: service } : service) };
}

/** A backendRef to port 80 of a Service, or with more fields. */
export function to(name: string, more: object = {}): object {
  return { name, port: 80, ...more };
}

/** A match of a path prefix. */
export function prefix(value: string, more: object = {}): object {
  return { path: { type: 'PathPrefix', value }, ...more };
}

export type Condition = {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
};

export type RouteParent = {
  readonly controllerName: string;
  readonly parentRef: Readonly<Record<string, unknown>>;
  readonly conditions: readonly Condition[];
};

/** A route as the API server has it. */
export async function readRoute(namespace: string, name: string) {
  const route = await get<{
    readonly metadata: { readonly generation: number; readonly resourceVersion: string };
    readonly status?: { readonly parents?: readonly RouteParent[] };
  }>('-n', namespace, 'httproute', name);
  return { ...route.metadata, parents: route.status?.parents ?? [] };
}

/** Asks until the answer satisfies; fails after the time with the last answer. */
export async function eventually<Value>(
  ask: () => Promise<Value>,
  good: (value: Value) => boolean,
  timeoutMs = 10_000,
): Promise<Value> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await ask();
    if (good(value)) return value;
    if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs} ms; last: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
