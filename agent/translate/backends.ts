import { type BackendTarget, endpointsName, type InvalidBackendReason } from '../../routing/model.ts';
import { isCoreGroup, isService } from '../objects/coreGroup.ts';
import type { BackendObjectReference, BuiltRoute, Service } from '../objects/types.ts';
import { printName } from './compare.ts';
import { isGranted } from './grants.ts';
import type { Lookup } from './lookup.ts';
import { protocolOf } from './protocol.ts';
import { portLimits } from './routeKinds.ts';
import type { ResolvedBackend } from './unresolved.ts';

/** Whose backendRefs are looked up. `parent` is the Service that the route attaches to. */
export type BackendContext = { readonly route: BuiltRoute; readonly parent: string; readonly lookup: Lookup };

/** Resolves the backendRef of a rule or of a mirror, or says why it leads nowhere. */
export function resolveBackend(ref: BackendObjectReference, context: BackendContext): ResolvedBackend {
  const namespace = ref.namespace ?? context.route.meta.namespace;
  const { name, port = 0 } = ref;
  return { namespace, name, port, target: resolveTarget(ref, { namespace, name }, context) };
}

function resolveTarget(
  ref: BackendObjectReference,
  target: { readonly namespace: string; readonly name: string },
  { route, parent, lookup }: BackendContext,
): BackendTarget {
  const name = printName(target);
  if (!isService(ref)) {
    const kind = isCoreGroup(ref) ? ref.kind : `${ref.kind}.${ref.group}`;
    return invalid('InvalidKind', `backendRef ${name} is a ${kind}; only a Service can be a backend`);
  }
  // A consumer route may send traffic on to its own parent: https://gateway-api.sigs.k8s.io/geps/gep-1294/
  if (target.namespace !== route.meta.namespace && name !== parent && !isGranted(route, target, lookup)) {
    const message = `Service ${name} may not be referred to from namespace ${route.meta.namespace}; create a ReferenceGrant in namespace ${target.namespace} from ${route.kind} to Service`;
    return invalid('RefNotPermitted', message);
  }
  const service = lookup.service(name);
  if (service === undefined)
    return invalid('BackendNotFound', `Service ${name} does not exist; create it or correct backendRef`);
  return resolvePort(route, ref, service);
}

function resolvePort({ kind }: BuiltRoute, ref: BackendObjectReference, service: Service): BackendTarget {
  const name = printName(service.meta);
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
  const { asBackend, asked = protocol } = portLimits[kind];
  const why = asBackend[protocol];
  if (why !== undefined) return invalid('UnsupportedProtocol', `port ${ref.port} of Service ${name} ${why}`);
  return { type: 'Endpoints', endpoints: endpointsName(service.meta, ref.port), protocol: asked };
}

function invalid(reason: InvalidBackendReason, message: string): BackendTarget {
  return { type: 'Invalid', reason, message };
}
