import { decodeServiceRouting } from '../../routing/wire/decode.ts';
import type { DeltaDiscoveryResponse } from '../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { bytesOf } from './discovery/read.ts';

/** A file with a route of Service web to itself, by a weight that tells one version from another. */
export function splitRoute(weight: number): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: split}
spec:
  parentRefs: [{group: "", kind: Service, name: web}]
  rules:
    - backendRefs: [{name: web, port: 80, weight: ${weight}}]
`;
}

/** The weight in the first resource, which is a ServiceRouting, or what is wrong with it. */
export function weightOf(response: DeltaDiscoveryResponse): number | string | undefined {
  const decoded = decodeServiceRouting(bytesOf(response));
  return decoded.ok ? decoded.value.routes[0]?.rules[0]?.backends[0]?.weight : decoded.message;
}
