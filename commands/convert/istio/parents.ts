import type { Context } from '../context.ts';
import type { Reading } from '../reading.ts';
import { gatewayGroup, type ParentRef } from '../route.ts';
import { inNamespace, serviceOfHost } from '../services.ts';
import { namespaceOf, type Source } from '../source.ts';

/** What a VirtualService is for: Services of the mesh, and Gateways with the host names at them. */
export type Parents = {
  readonly services: readonly ServiceParent[];
  readonly gateways: readonly ParentRef[];
  readonly hostnames: readonly string[];
};

/** A Service, and where it is named. */
export type ServiceParent = { readonly ref: ParentRef; readonly read: Reading };

/** Reads hosts, gateways and exportTo, and tells where a route is for other clients. */
export function readParents(context: Context, source: Source): Parents {
  const spec = source.read.at('spec');
  const own = namespaceOf(source);
  const named = spec.at('gateways').texts();
  const inMesh = named.length === 0 || named.includes('mesh');
  const gateways = named
    .filter((name) => name !== 'mesh')
    .flatMap((name) => gatewayRef(spec.at('gateways'), name, own) ?? []);
  const exportTo = spec.at('exportTo');
  const exported = exportTo.texts();
  const isExported = exported.length === 0 || exported.some((name) => name !== '.' && name !== own);
  const services = new Map<string, ServiceParent>();
  const hostnames: string[] = [];
  for (const host of spec.at('hosts').items()) {
    const text = host.text() ?? '';
    const service = findService(context, text, own);
    if (service === undefined || !inMesh) {
      if (text !== '*') hostnames.push(text);
      if (gateways.length === 0) host.lost('a parent in the mesh is a Service of the cluster');
      continue;
    }
    const ref: ParentRef = { group: '', kind: 'Service', ...inNamespace(service.namespace, own), name: service.name };
    const key = `${service.namespace}/${service.name}`;
    if (!services.has(key)) services.set(key, { ref, read: host });
    const isOwn = service.namespace === own;
    if (!isOwn && isExported)
      host.lost(`a route in another namespace than its Service is for the clients of ${own} only`);
    if (isOwn && !isExported) exportTo.lost('a route beside its Service is for the clients of all namespaces');
  }
  return { services: [...services.values()], gateways, hostnames };
}

/** A host with a single dot may be a name of the world outside: it is a Service only where that is known. */
export function findService(context: Context, host: string, namespace: string): ReturnType<typeof serviceOfHost> {
  const service = serviceOfHost(host, namespace);
  if (service === undefined || host.split('.').length !== 2) return service;
  return context.services.find(service.namespace, service.name) === undefined ? undefined : service;
}

function gatewayRef(read: Reading, gateway: string, own: string): ParentRef | undefined {
  const [name = '', namespace = own, ...rest] = gateway.split('/').toReversed();
  if (name === '' || namespace === '' || rest.length > 0) {
    read.lost(`${JSON.stringify(gateway)} names no Gateway: write a name, or namespace/name`);
    return undefined;
  }
  read.note(`Gateway ${gateway} has to be one of the Gateway API's: another program's, for Heddle serves Services`);
  return { group: gatewayGroup, kind: 'Gateway', ...inNamespace(namespace, own), name };
}
