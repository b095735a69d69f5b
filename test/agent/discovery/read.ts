import type { DeltaDiscoveryResponse } from '../../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { decodeEndpoints } from '../../../routing/wire/decode.ts';

/** The bytes of the first resource. */
export function bytesOf(response: DeltaDiscoveryResponse): Uint8Array {
  return response.resources[0]?.resource?.value ?? new Uint8Array();
}

/** The addresses in the first resource, which is Endpoints. */
export function addressesOf(response: DeltaDiscoveryResponse): readonly string[] {
  const decoded = decodeEndpoints(bytesOf(response));
  return decoded.ok ? decoded.value.endpoints.map(({ address }) => address) : [];
}
