import { checkRoute } from './checkRoute.ts';
import { decodeEndpointSlice } from './endpointSlice.ts';
import { Field, type FieldProblem } from './field.ts';
import { decodeGRPCRoute } from './grpcRoute.ts';
import { decodeHTTPRoute } from './httpRoute.ts';
import { decodeReferenceGrant } from './referenceGrant.ts';
import { decodePod, decodeService } from './service.ts';
import { isRoute, isUnbuilt, type Kind, type KubernetesObject, type Meta, unbuiltKinds } from './types.ts';
import { decodeUnbuilt } from './unbuiltRoute.ts';

/** `ignored`: a kind that Kubernetes users know and that says nothing about routing. */
export type Decoded =
  | { readonly ok: true; readonly object: KubernetesObject }
  | { readonly ok: true; readonly ignored: string }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

const gateway = 'gateway.networking.k8s.io';

type Decoder = (object: Field, meta: Meta) => KubernetesObject;

const decoders: Readonly<Record<string, Decoder>> = {
  'v1 Service': decodeService,
  'v1 Pod': decodePod,
  'discovery.k8s.io/v1 EndpointSlice': decodeEndpointSlice,
  [`${gateway}/v1 HTTPRoute`]: decodeHTTPRoute,
  [`${gateway}/v1beta1 HTTPRoute`]: decodeHTTPRoute,
  [`${gateway}/v1 GRPCRoute`]: decodeGRPCRoute,
  [`${gateway}/v1 ReferenceGrant`]: decodeReferenceGrant,
  [`${gateway}/v1beta1 ReferenceGrant`]: decodeReferenceGrant,
  ...Object.fromEntries(unbuiltKinds.map((kind) => [`${gateway}/v1 ${kind}`, decodeUnbuilt(kind)])),
};

/** Groups of Kubernetes itself whose kinds may stand in a folder of manifests; Gateway API kinds for a gateway too. */
const otherKinds = new Set(
  'ConfigMap Secret Namespace Node ServiceAccount Endpoints PersistentVolume PersistentVolumeClaim LimitRange ResourceQuota ReplicationController Event PodTemplate'
    .split(' ')
    .map((kind) => `v1 ${kind}`),
);
const otherGroups = /^(?:apps|batch|policy|autoscaling|networking\.k8s\.io|[a-z.]+\.k8s\.io)\/v\d/;
const gatewayKinds = new Set(['Gateway', 'GatewayClass', 'BackendTLSPolicy', 'ListenerSet']);

const decodersByKind: Readonly<Record<Kind, Decoder>> = {
  Service: decodeService,
  Pod: decodePod,
  EndpointSlice: decodeEndpointSlice,
  HTTPRoute: decodeHTTPRoute,
  GRPCRoute: decodeGRPCRoute,
  TLSRoute: decodeUnbuilt('TLSRoute'),
  TCPRoute: decodeUnbuilt('TCPRoute'),
  UDPRoute: decodeUnbuilt('UDPRoute'),
  ReferenceGrant: decodeReferenceGrant,
};

/**
 * Decodes an object that an API server has checked: what its schema allows can be decoded, also where it is newer than
 * what we know. Never throws.
 */
export function decodeServed(kind: Kind, value: unknown): Exclude<Decoded, { readonly ignored: string }> {
  const problems: FieldProblem[] = [];
  const object = new Field(value, problems);
  const decoded = decodersByKind[kind](object, decodeMeta(object.at('metadata'), 'default'));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, object: decoded };
}

/**
 * Decodes one Kubernetes object of any kind as somebody wrote it into a file; it is in `namespace` where it says nothing of
 * that. Never throws.
 */
export function decodeObject(value: unknown, namespace = 'default'): Decoded {
  const problems: FieldProblem[] = [];
  const object = new Field(value, problems);
  const apiVersion = object.at('apiVersion').string();
  const kind = object.at('kind').string();
  if (problems.length > 0) return { ok: false, problems };
  const decoder = decoders[`${apiVersion} ${kind}`];
  if (decoder === undefined) {
    if (isIgnored(apiVersion, kind)) return { ok: true, ignored: `${apiVersion} ${kind}` };
    object.at('kind').wrong(unknownKind(apiVersion, kind));
    return { ok: false, problems };
  }
  const decoded = decoder(object, decodeMeta(object.at('metadata'), namespace));
  if (isRoute(decoded) && !isUnbuilt(decoded)) checkRoute(object, decoded);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, object: decoded };
}

function decodeMeta(metadata: Field, namespace: string): Meta {
  const created = metadata.at('creationTimestamp');
  const writtenAt = created.optionalString();
  const createdAtMs = writtenAt === undefined ? 0 : Date.parse(writtenAt);
  if (Number.isNaN(createdAtMs)) created.wrong(`"${writtenAt ?? ''}" is not a time like 2026-11-21T10:00:00Z`);
  return {
    namespace: metadata.at('namespace').optionalString() ?? namespace,
    name: metadata.at('name').string(),
    uid: metadata.at('uid').optionalString(),
    generation: metadata.at('generation').optionalInteger(0, Number.MAX_SAFE_INTEGER) ?? 0,
    createdAtMs: Number.isNaN(createdAtMs) ? 0 : createdAtMs,
  };
}

function isIgnored(apiVersion: string, kind: string): boolean {
  if (apiVersion.startsWith(`${gateway}/`)) return gatewayKinds.has(kind);
  if (apiVersion.startsWith('discovery.k8s.io/')) return false;
  return otherKinds.has(`${apiVersion} ${kind}`) || otherGroups.test(apiVersion);
}

function unknownKind(apiVersion: string, kind: string): string {
  const known = Object.keys(decoders).filter((key) => key.endsWith(` ${kind}`));
  const advice =
    known.length > 0
      ? `write apiVersion: ${known.map((key) => key.split(' ')[0]).join(' or ')}`
      : `Heddle reads ${[...new Set(Object.keys(decoders).map((key) => key.split(' ')[1]))].join(', ')}; check the spelling or move it out of this folder`;
  return `${apiVersion} ${kind} is not supported: ${advice}`;
}
