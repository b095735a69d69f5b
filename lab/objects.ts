import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { ServicePort } from './services.ts';

/** A pod as the YAML has it. */
export type PodObject = { readonly namespace: string; readonly name: string; readonly addresses: readonly string[] };

/** What the lab itself needs of a folder of Kubernetes objects: its pods, and what kube-proxy would do. */
export type LabObjects = { readonly pods: readonly PodObject[]; readonly services: ReadonlyMap<string, ServicePort> };

type Metadata = {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
};
type KubernetesObject =
  | {
      readonly kind: 'Pod';
      readonly metadata: Metadata;
      readonly status: { readonly podIPs: readonly { ip: string }[] };
    }
  | { readonly kind: 'Service'; readonly metadata: Metadata; readonly spec: ServiceSpec }
  | ({ readonly kind: 'EndpointSlice'; readonly metadata: Metadata } & Slice)
  | { readonly kind: 'HTTPRoute' | 'ReferenceGrant'; readonly metadata: Metadata };
type ServiceSpec = {
  readonly clusterIPs: readonly string[];
  readonly ports: readonly { readonly name: string; readonly port: number }[];
};
type Slice = {
  readonly ports: readonly { readonly name: string; readonly port: number }[];
  readonly endpoints: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
  }[];
};

/** Reads the YAML files of a folder, which are the lab's own and taken to be right. */
export async function readObjects(folder: string): Promise<LabObjects> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  const objects = texts.flatMap(parseObjects);
  const pods = objects.flatMap((object) =>
    object.kind === 'Pod' ? [{ ...nameOf(object.metadata), addresses: object.status.podIPs.map(({ ip }) => ip) }] : [],
  );
  return { pods, services: new Map(objects.flatMap((object) => servicePorts(object, objects))) };
}

function parseObjects(text: string): KubernetesObject[] {
  return Array.from(parseAllDocuments(text), (document) => document.toJS() as KubernetesObject);
}

function servicePorts(object: KubernetesObject, all: readonly KubernetesObject[]): [string, ServicePort][] {
  if (object.kind !== 'Service') return [];
  const { namespace, name } = nameOf(object.metadata);
  const slices = all.filter(
    (slice) =>
      slice.kind === 'EndpointSlice' &&
      nameOf(slice.metadata).namespace === namespace &&
      slice.metadata.labels?.['kubernetes.io/service-name'] === name,
  );
  return object.spec.ports.map((port) => [
    `${namespace}/${name}:${port.port}`,
    {
      clusterIPs: object.spec.clusterIPs,
      port: port.port,
      endpoints: slices.flatMap((slice) => (slice.kind === 'EndpointSlice' ? readyEndpoints(slice, port.name) : [])),
    },
  ]);
}

function readyEndpoints(slice: Slice, portName: string): { address: string; port: number }[] {
  const port = slice.ports.find(({ name }) => name === portName)?.port;
  if (port === undefined) return [];
  return slice.endpoints
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap(({ addresses }) => addresses.map((address) => ({ address, port })));
}

function nameOf({ namespace = 'default', name }: Metadata): { namespace: string; name: string } {
  return { namespace, name };
}
