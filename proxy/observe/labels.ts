import type { ObjectName, Route } from '../../routing/model.ts';
import type { Labels } from './series.ts';

/** What a request was addressed to and where it went; `route` is absent for default forwarding. */
export type RouteKey = {
  /** Absent for what passes through to a destination that is no Service port. */
  readonly parent?: (ObjectName & { readonly port: number }) | undefined;
  readonly route?: (ObjectName & { readonly kind: Route['kind']; readonly rule: number }) | undefined;
  readonly backend?: (ObjectName & { readonly port: number }) | undefined;
};

const passthrough: Labels = {
  parent_group: '',
  parent_kind: 'passthrough',
  parent_namespace: '',
  parent_name: '',
  parent_port: '',
};

/** Linkerd's label names for a Service port: `parent_*`. */
export function parentLabels({ parent }: Pick<RouteKey, 'parent'>): Labels {
  if (parent === undefined) return passthrough;
  return {
    parent_group: 'core',
    parent_kind: 'Service',
    parent_namespace: parent.namespace,
    parent_name: parent.name,
    parent_port: String(parent.port),
  };
}

/** `parent_*`, `route_*` and `rule`. */
export function routeLabels(key: RouteKey): Labels {
  const { route } = key;
  return {
    ...parentLabels(key),
    route_group: route === undefined ? '' : 'gateway.networking.k8s.io',
    route_kind: route?.kind ?? 'default',
    route_namespace: route?.namespace ?? '',
    route_name: route?.name ?? 'default',
    rule: route === undefined ? '' : String(route.rule),
  };
}

/** `parent_*`, `route_*`, `rule` and `backend_*`; a backend that was not reached is empty. */
export function backendLabels(key: RouteKey): Labels {
  const { backend } = key;
  return {
    ...routeLabels(key),
    backend_group: backend === undefined ? '' : 'core',
    backend_kind: backend === undefined ? '' : 'Service',
    backend_namespace: backend?.namespace ?? '',
    backend_name: backend?.name ?? '',
    backend_port: backend === undefined ? '' : String(backend.port),
  };
}
