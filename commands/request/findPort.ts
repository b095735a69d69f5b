import { canonicalAddress } from '../../agent/objects/address.ts';
import type { Service, ServicePort } from '../../agent/objects/types.ts';
import { compareText, printName } from '../../agent/translate/compare.ts';
import { hasClusterIP } from '../../agent/translate/parents.ts';
import { destinationName, endpointsName } from '../../routing/model.ts';
import { CannotLook } from '../cannotLook.ts';
import type { Mesh, MeshPort } from '../mesh/mesh.ts';

/** What an address leads to: a port of a Service, or, as no Service has it, straight to itself. */
export type FoundPort =
  | { readonly type: 'Port'; readonly service: Service; readonly servicePort: ServicePort; readonly port: MeshPort }
  | { readonly type: 'Straight'; readonly destination: string; readonly why: string };

/** A Service by its name alone is looked for in `namespace`, where that is known, else everywhere. */
export type Where = { readonly host: string; readonly port: number; readonly namespace: string | undefined };

/** Finds whom a client calls, by the names that a cluster's DNS gives Services, or by address. Throws CannotLook. */
export function findPort(mesh: Mesh, where: Where): FoundPort {
  const address = canonicalAddress(where.host);
  if (address !== undefined) return findByAddress(mesh, address, where.port);
  const service = findService(mesh, where.host, where.namespace);
  const name = printName(service.meta);
  if (!hasClusterIP(service)) {
    const kind = service.headless ? 'headless' : 'of type ExternalName';
    return straight(
      `${where.host}:${where.port}`,
      `Service ${name} is ${kind}: it has no address of its own, so no route applies`,
    );
  }
  const servicePort = service.ports.find(({ port, protocol }) => port === where.port && protocol === 'TCP');
  if (servicePort === undefined)
    throw new CannotLook(`Service ${name} has no TCP port ${where.port}; it has ${printPorts(service)}`);
  return foundAt(mesh, service, servicePort);
}

/** The Service of a DNS name: `cart`, `cart.shop`, `cart.shop.svc`, `cart.shop.svc.cluster.local`. Throws CannotLook. */
export function findService(mesh: Mesh, host: string, namespace: string | undefined): Service {
  const [name = '', given, svc] = host.replace(/\.$/, '').split('.');
  const within = given ?? namespace;
  if (svc !== undefined && svc !== 'svc')
    throw new CannotLook(`${host} is no name of a Service; write it as in cart.shop or cart.shop.svc.cluster.local`);
  if (within !== undefined) {
    const service = mesh.objects.Service.get(`${within}/${name}`);
    if (service !== undefined) return service;
  }
  const alike = mesh.objects.Service.values()
    .filter(({ meta }) => meta.name === name)
    .toArray();
  const [only, ...others] = alike;
  if (within === undefined && only !== undefined && others.length === 0) return only;
  const wanted = within === undefined ? name : `${within}/${name}`;
  if (within === undefined && only !== undefined)
    throw new CannotLook(`there are Services ${listNames(alike)}; say which, as in ${name}.${only.meta.namespace}`);
  throw new CannotLook(`Service ${wanted} does not exist; ${suggest(mesh, name, within)}`);
}

function findByAddress(mesh: Mesh, address: string, port: number): FoundPort {
  const destination = destinationName(address, port);
  const service = mesh.objects.Service.values().find(({ clusterIPs }) => clusterIPs.includes(address));
  if (service === undefined) return straight(destination, 'no Service has this address, so no route applies');
  const servicePort = service.ports.find((one) => one.port === port && one.protocol === 'TCP');
  if (servicePort === undefined)
    throw new CannotLook(
      `${address} is Service ${printName(service.meta)}, which has no TCP port ${port}; it has ${printPorts(service)}`,
    );
  return foundAt(mesh, service, servicePort);
}

function foundAt(mesh: Mesh, service: Service, servicePort: ServicePort): FoundPort {
  const name = endpointsName(service.meta, servicePort.port);
  const port = mesh.ports.get(name);
  if (port !== undefined) return { type: 'Port', service, servicePort, port };
  const [why = 'it has no address'] = mesh.problems.get(`Service ${printName(service.meta)}`) ?? [];
  return straight(name, `Service ${printName(service.meta)} ${why}`);
}

function straight(destination: string, why: string): FoundPort {
  return { type: 'Straight', destination, why };
}

/** `80 (http), 9090` */
export function printPorts({ ports }: Service): string {
  const tcp = ports.filter(({ protocol }) => protocol === 'TCP');
  return tcp.map(({ port, name }) => (name === '' ? `${port}` : `${port} (${name})`)).join(', ') || 'none';
}

function listNames(services: readonly Service[]): string {
  return services
    .map(({ meta }) => printName(meta))
    .toSorted(compareText)
    .join(', ');
}

const mostSuggested = 5;

function suggest(mesh: Mesh, name: string, namespace: string | undefined): string {
  const services = mesh.objects.Service.values().toArray();
  const elsewhere = services.filter(({ meta }) => meta.name === name);
  if (elsewhere.length > 0) return `there is ${listNames(elsewhere)}`;
  const near = services.filter(({ meta }) => meta.namespace === namespace || meta.name.includes(name));
  const shown = near.slice(0, mostSuggested);
  if (shown.length === 0)
    return services.length === 0
      ? 'no Service was found at all: have -f name the files of Services, too, or choose another cluster with --context'
      : 'correct its name or namespace';
  return `there is ${listNames(shown)}${near.length > shown.length ? ` and ${near.length - shown.length} more` : ''}`;
}
