import type { Source } from './source.ts';

const converted = new Set([
  'networking.k8s.io Ingress',
  'networking.istio.io VirtualService',
  'networking.istio.io DestinationRule',
  'policy.linkerd.io HTTPRoute',
  'split.smi-spec.io TrafficSplit',
  'specs.smi-spec.io HTTPRouteGroup',
]);

/** Whether it is of a kind that is converted, in words that are read: an Ingress says otherwise before v1. */
export function isConverted({ group, version, kind }: Source): boolean {
  return converted.has(`${group} ${kind}`) && (kind !== 'Ingress' || version === 'v1');
}

const ofMeshes = /(?:^|\.)(?:istio\.io|linkerd\.io|smi-spec\.io)$/;

/**
 * Objects of the meshes that have no place in routes are lost, and Ingresses of before v1; all others are nobody's to
 * convert. Whether anything was told.
 */
export function tellOther({ group, kind, tell }: Source): boolean {
  const isOld = group === 'extensions' || (group === 'networking.k8s.io' && kind === 'Ingress');
  if (isOld) tell('lost', 'write it as networking.k8s.io/v1');
  else if (ofMeshes.test(group)) tell('lost', 'no route says it');
  else return false;
  return true;
}
