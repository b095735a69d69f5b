import { decodeServed } from '../../agent/objects/decode.ts';
import type { Service, ServicePort } from '../../agent/objects/types.ts';
import { hasClusterIP } from '../../agent/translate/parents.ts';
import { protocolOf } from '../../agent/translate/protocol.ts';
import { defaultOpaquePorts } from '../../contract/opaquePorts.ts';
import { meshNamespaces } from '../cluster/objects.ts';
import { count, some } from '../output/words.ts';
import type { Facts } from './facts.ts';
import { type Finding, good } from './finding.ts';

type Port = { readonly service: Service; readonly port: ServicePort; readonly at: number };

/** Ports of Services in the mesh that do not say what is spoken there. */
export function checkServices(facts: Facts): readonly Finding[] {
  const { services } = facts;
  const inside = meshNamespaces(facts);
  if (services === undefined || inside.size === 0) return [];
  const own = services.flatMap((raw) => {
    const decoded = decodeServed('Service', raw);
    return decoded.ok && decoded.object.kind === 'Service' ? [decoded.object] : [];
  });
  const ports = own
    .filter((service) => inside.has(service.meta.namespace) && hasClusterIP(service))
    .flatMap((service) => service.ports.map((port, at) => ({ service, port, at })));
  const silent = ports.filter(isSilent);
  const [first] = silent;
  if (first === undefined)
    return [good('Services', `${count(ports.length, 'port')} in the mesh, each says its protocol`)];
  return [
    {
      check: 'Services',
      level: 'warning',
      what: `${silent.length === 1 ? 'a port that does not say its protocol' : `${silent.length} ports that do not say their protocol`}: ${some(silent.map(titleOf))}`,
      why: "it is found out by a connection's first bytes, and a client that waits for its server's greeting waits up to 0.2 s more",
      mend: [
        ...silent.slice(0, 3).map(patchOf),
        ...(silent.length > 3 ? [`and so for ${silent.length - 3} more`] : []),
      ],
    },
  ];
}

function isSilent({ service, port }: Port): boolean {
  if (port.protocol !== 'TCP' || port.appProtocol !== undefined || defaultOpaquePorts.includes(port.port)) return false;
  return protocolOf(service, port) === 'detect';
}

function titleOf({ service: { meta }, port }: Port): string {
  return `${meta.namespace}/${meta.name}:${port.port}`;
}

function patchOf({ service: { meta }, at }: Port): string {
  const patch = [{ op: 'add', path: `/spec/ports/${at}/appProtocol`, value: 'http' }];
  return `kubectl -n ${meta.namespace} patch service ${meta.name} --type json --patch '${JSON.stringify(patch)}'`;
}
