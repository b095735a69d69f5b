import {
  type Backend,
  endpointsName,
  type Filter,
  type InvalidBackendReason,
  type Protocol,
} from '../../routing/model.ts';
import type { HTTPBackendRef, HTTPRoute, ReferenceGrant, Service } from '../objects/types.ts';
import { printName } from './compare.ts';
import { isGranted } from './grants.ts';
import { protocolOf } from './protocol.ts';

/** What backendRefs of a route are looked up in. `parent` is the Service that the route attaches to. */
export type BackendContext = {
  readonly route: HTTPRoute;
  readonly parent: string;
  readonly services: ReadonlyMap<string, Service>;
  readonly grants: readonly ReferenceGrant[];
};

/** Resolves a backendRef; one that leads nowhere keeps its weight and answers 500 for its share. */
export function resolveBackend(ref: HTTPBackendRef, filters: readonly Filter[], context: BackendContext): Backend {
  const namespace = ref.namespace ?? context.route.meta.namespace;
  const { name, weight, port = 0 } = ref;
  return { namespace, name, weight, port, filters, target: resolveTarget(ref, { namespace, name }, context) };
}

function resolveTarget(
  ref: HTTPBackendRef,
  target: { readonly namespace: string; readonly name: string },
  { route, parent, services, grants }: BackendContext,
): Backend['target'] {
  const name = printName(target);
  if (ref.group !== '' || ref.kind !== 'Service') {
    const kind = ref.group === '' ? ref.kind : `${ref.kind}.${ref.group}`;
    return invalid('InvalidKind', `backendRef ${name} is a ${kind}; only a Service can be a backend`);
  }
  // A consumer route may send traffic on to its own parent: https://gateway-api.sigs.k8s.io/geps/gep-1294/
  if (target.namespace !== route.meta.namespace && name !== parent && !isGranted(route, target, grants)) {
    const message = `Service ${name} may not be referred to from namespace ${route.meta.namespace}; create a ReferenceGrant in namespace ${target.namespace} from HTTPRoute to Service`;
    return invalid('RefNotPermitted', message);
  }
  const service = services.get(name);
  if (service === undefined)
    return invalid('BackendNotFound', `Service ${name} does not exist; create it or correct backendRef`);
  return resolvePort(ref, service, name);
}

function resolvePort(ref: HTTPBackendRef, service: Service, name: string): Backend['target'] {
  if (service.type === 'ExternalName') {
    return invalid(
      'InvalidKind',
      `Service ${name} is of type ExternalName, which has no endpoints; name another Service`,
    );
  }
  const ports = service.ports.map(({ port }) => port).join(', ') || 'none';
  if (ref.port === undefined) return invalid('BackendNotFound', `backendRef ${name} has no port; give one of ${ports}`);
  const same = service.ports.filter((candidate) => candidate.port === ref.port);
  const port = same.find((candidate) => candidate.protocol === 'TCP');
  if (same.length === 0)
    return invalid('BackendNotFound', `Service ${name} has no port ${ref.port}; its ports: ${ports}`);
  if (port === undefined)
    return invalid('UnsupportedProtocol', `port ${ref.port} of Service ${name} is not TCP; name another`);
  const protocol = protocolOf(service, port);
  const why = unsupportedProtocols[protocol];
  if (why !== undefined) return invalid('UnsupportedProtocol', `port ${ref.port} of Service ${name} ${why}`);
  return { type: 'Endpoints', endpoints: endpointsName(service.meta, ref.port), protocol };
}

/** What an HTTP/1.1 request cannot be sent to. */
const unsupportedProtocols = {
  detect: undefined,
  http1: undefined,
  opaque: undefined,
  http2: 'speaks HTTP/2, to which requests cannot be sent yet; name a port that speaks HTTP/1.1',
  tls: 'expects TLS, which is not originated; name a port that speaks HTTP/1.1',
} as const satisfies Record<Protocol, string | undefined>;

function invalid(reason: InvalidBackendReason, message: string): Backend['target'] {
  return { type: 'Invalid', reason, message };
}
