import { defaultOpaquePorts } from '../../contract/opaquePorts.ts';
import { endpointsName } from '../../routing/model.ts';
import type { ParentRef, BuiltRoute, Service, ServicePort } from '../objects/types.ts';
import type { Lookup } from './lookup.ts';
import { protocolOf } from './protocol.ts';
import { referredName } from './references.ts';
import type { AcceptedReason } from './result.ts';
import { portLimits } from './routeKinds.ts';
import type { PortLimits } from './unresolved.ts';

/** Where a parentRef leads: the ports that a route attaches to, with a note where it leaves some out. */
export type Parent =
  | {
      readonly ok: true;
      /** The Service's namespace, whose routes are for every client; those of another are for clients of their own. */
      readonly namespace: string;
      /** `namespace/service:port` of each. */
      readonly ports: readonly string[];
      readonly notes: readonly string[];
    }
  | { readonly ok: false; readonly reason: AcceptedReason; readonly message: string };

/** Whether a Service has an address that connections can be told by: not headless, not ExternalName. */
export function hasClusterIP(service: Service): boolean {
  return !service.headless && service.type !== 'ExternalName';
}

/** Resolves a parentRef to ports of its Service, see https://gateway-api.sigs.k8s.io/geps/gep-1742/ and gep-1324. */
export function resolveParent(route: BuiltRoute, ref: ParentRef, lookup: Lookup): Parent {
  const name = referredName(route, ref);
  const service = lookup.service(name);
  if (service === undefined)
    return refuse('NoMatchingParent', `Service ${name} does not exist; create it or correct parentRef`);
  if (!hasClusterIP(service)) {
    const kind = service.headless ? 'headless' : 'of type ExternalName';
    return refuse(
      'UnsupportedValue',
      `Service ${name} is ${kind}; only a Service with a ClusterIP can be a parent: name one`,
    );
  }
  const selected = service.ports.filter((port) => selects(ref, port));
  const tcp = selected.filter((port) => port.protocol === 'TCP');
  if (tcp.length === 0) return refuse('NoMatchingParent', explainNoPort(ref, service, name));
  const taken = takePorts(tcp, { ref, service, limits: portLimits[route.kind] });
  const hints = route.hostnames.length > 0 ? [hostnamesSayNothing] : [];
  const notes = [
    ...hints,
    ...taken.leftOut.map(({ port, why }) => `port ${printPort(port)} of Service ${name} is not routed: it ${why}`),
  ];
  if (taken.ports.length === 0) return refuse('NotAllowedByListeners', notes.join('; '));
  const ports = taken.ports.map(({ port }) => endpointsName(service.meta, port));
  return { ok: true, namespace: service.meta.namespace, ports, notes };
}

type PortContext = { readonly ref: ParentRef; readonly service: Service; readonly limits: PortLimits };

type TakenPorts = {
  readonly ports: readonly ServicePort[];
  readonly leftOut: readonly { readonly port: ServicePort; readonly why: string }[];
};

/**
 * The ports that a route takes of those that its parentRef selects. A route for all ports means those that most likely
 * speak its protocol, if there are such; who names another knows what is spoken there.
 */
function takePorts(selected: readonly ServicePort[], { ref, service, limits }: PortContext): TakenPorts {
  const isNamed = ref.port !== undefined || ref.sectionName !== undefined;
  const judged = selected.map((port) => {
    const protocol = protocolOf(service, port);
    const isOpaque = !isNamed && protocol === 'detect' && defaultOpaquePorts.includes(port.port);
    const cannot = isOpaque ? limits.opaqueByDefault : limits.asParent[protocol];
    return { port, cannot, unlikely: isNamed ? undefined : limits.unlessNamed[protocol] };
  });
  const able = judged.filter(({ cannot }) => cannot === undefined);
  const likely = able.filter(({ unlikely }) => unlikely === undefined);
  const taken = likely.length > 0 ? likely : able;
  return {
    ports: taken.map(({ port }) => port),
    leftOut: judged
      .filter((one) => !taken.includes(one))
      .map(({ port, cannot, unlikely = '' }) => ({ port, why: cannot ?? unlikely })),
  };
}

/** See https://gateway-api.sigs.k8s.io/geps/gep-1426/#route-hostnames */
const hostnamesSayNothing =
  'hostnames say nothing under a Service: the address that was called counts, whatever the Host header; leave them out';

function refuse(reason: AcceptedReason, message: string): Parent {
  return { ok: false, reason, message };
}

function selects(ref: ParentRef, port: ServicePort): boolean {
  return (
    (ref.port === undefined || ref.port === port.port) &&
    (ref.sectionName === undefined || ref.sectionName === port.name)
  );
}

function explainNoPort(ref: ParentRef, service: Service, name: string): string {
  const wanted = [
    ...(ref.port === undefined ? [] : [`port ${ref.port}`]),
    ...(ref.sectionName === undefined ? [] : [`sectionName ${ref.sectionName}`]),
  ].join(' and ');
  const ports = service.ports.map((port) => `${printPort(port)}${port.protocol === 'TCP' ? '' : ` ${port.protocol}`}`);
  return `Service ${name} has no TCP port${wanted === '' ? '' : ` with ${wanted}`}; it has ${ports.join(', ') || 'no ports'}; correct parentRef`;
}

function printPort(port: ServicePort): string {
  return port.name === '' ? String(port.port) : `${port.port} (${port.name})`;
}
