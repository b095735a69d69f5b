import { wishAnnotations } from '../../contract/labels.ts';
import type { Protocol } from '../../routing/model.ts';
import type { HTTPRoute, ParentRef, Service, ServicePort } from '../objects/types.ts';
import { printName } from './compare.ts';
import { protocolOf } from './protocol.ts';
import type { AcceptedReason } from './result.ts';

/** Where a parentRef leads: the ports that a route attaches to, with a note where it leaves some out. */
export type Parent =
  | {
      readonly ok: true;
      readonly service: Service;
      readonly ports: readonly number[];
      readonly notes: readonly string[];
    }
  | {
      readonly ok: false;
      readonly service: Service | undefined;
      readonly reason: AcceptedReason;
      readonly message: string;
    };

/** True for a parentRef that this mesh answers for: `group: ""`, `kind: Service`. */
export function isServiceParent(ref: ParentRef): boolean {
  return ref.group === '' && ref.kind === 'Service';
}

/** The name of the Service that a parentRef or backendRef of a route means. */
export function referredName(route: HTTPRoute, ref: { namespace: string | undefined; name: string }): string {
  return printName({ namespace: ref.namespace ?? route.meta.namespace, name: ref.name });
}

/** Whether a Service has an address that connections can be told by: not headless, not ExternalName. */
export function hasClusterIP(service: Service): boolean {
  return !service.headless && service.type !== 'ExternalName';
}

/** Resolves a parentRef to ports of its Service, see https://gateway-api.sigs.k8s.io/geps/gep-1742/ and gep-1324. */
export function resolveParent(route: HTTPRoute, ref: ParentRef, services: ReadonlyMap<string, Service>): Parent {
  const name = referredName(route, ref);
  const service = services.get(name);
  const refuse = (reason: AcceptedReason, message: string): Parent => ({ ok: false, service, reason, message });
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
  const notes: string[] = [];
  const ports: number[] = [];
  for (const port of tcp) {
    const unroutable = explainUnroutable[protocolOf(service, port)];
    if (unroutable === undefined) ports.push(port.port);
    else notes.push(`port ${printPort(port)} of Service ${name} is not routed: it ${unroutable}`);
  }
  return ports.length === 0 ? refuse('NotAllowedByListeners', notes.join('; ')) : { ok: true, service, ports, notes };
}

/** Ports whose requests cannot be told apart are forwarded as they are, also when a route asks for all ports. */
const explainUnroutable = {
  detect: undefined,
  http1: undefined,
  http2: 'speaks HTTP/2, which is forwarded without routing for now',
  tls: 'speaks TLS, so that its requests cannot be read; set appProtocol: http if it does not',
  opaque: `is opaque; set appProtocol: http, or take it out of ${wishAnnotations.opaquePorts}, if it speaks HTTP`,
} as const satisfies Record<Protocol, string | undefined>;

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
