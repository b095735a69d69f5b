import { isUnbuiltKind, type Kind } from '../objects/types.ts';

/** A kind that the agent reads from the API server, and where it may be served, the best version first. */
export type WatchedKind = { readonly kind: WatchedKindName; readonly paths: readonly string[] };

/** Pods are not among them: who a sidecar is, its token says. */
export type WatchedKindName = Exclude<Kind, 'Pod'>;

const gateway = '/apis/gateway.networking.k8s.io';

export const watchedKinds: readonly WatchedKind[] = [
  { kind: 'Service', paths: ['/api/v1/services'] },
  { kind: 'EndpointSlice', paths: ['/apis/discovery.k8s.io/v1/endpointslices'] },
  { kind: 'HTTPRoute', paths: [`${gateway}/v1/httproutes`, `${gateway}/v1beta1/httproutes`] },
  { kind: 'ReferenceGrant', paths: [`${gateway}/v1/referencegrants`, `${gateway}/v1beta1/referencegrants`] },
  { kind: 'GRPCRoute', paths: [`${gateway}/v1/grpcroutes`] },
  { kind: 'TLSRoute', paths: [`${gateway}/v1/tlsroutes`] },
  { kind: 'TCPRoute', paths: [`${gateway}/v1/tcproutes`] },
  { kind: 'UDPRoute', paths: [`${gateway}/v1/udproutes`] },
];

/** The kinds without which nothing is served: from the others only statuses follow, and a cluster may well be without them. */
export const servingKinds: readonly WatchedKindName[] = watchedKinds
  .map(({ kind }) => kind)
  .filter((kind) => !isUnbuiltKind(kind));

/** Those of them that an agent does without if it may not read them, as under the rights of a Heddle that only refused them. */
export const dispensableKinds: readonly WatchedKindName[] = ['GRPCRoute'];
