import { canonicalAddress } from './address.ts';
import type { Field } from './field.ts';
import type { EndpointSlice, Meta, SliceEndpoint } from './types.ts';

/** Decodes a discovery.k8s.io/v1 EndpointSlice; addresses become canonical, those of an FQDN slice stay names. */
export function decodeEndpointSlice(object: Field, meta: Meta): EndpointSlice {
  const addressType = object.at('addressType').string();
  return {
    kind: 'EndpointSlice',
    // It counts changes that are none to us, as of resourceVersions of pods.
    meta: { ...meta, generation: 0 },
    service: object.at('metadata').at('labels').at('kubernetes.io/service-name').optionalString(),
    addressType,
    ports: object.at('ports').list((port) => ({
      name: port.at('name').optionalString() ?? '',
      port: port.at('port').optionalInteger(1, 65_535),
      protocol: port.at('protocol').optionalString() ?? 'TCP',
    })),
    endpoints: object.at('endpoints').list((endpoint) => decodeEndpoint(endpoint, addressType)),
  };
}

function decodeEndpoint(endpoint: Field, addressType: string): SliceEndpoint {
  const conditions = endpoint.at('conditions');
  const targetRef = endpoint.at('targetRef');
  const hints = endpoint.at('hints');
  return {
    addresses: endpoint.at('addresses').list((field) => decodeAddress(field, addressType)),
    ready: conditions.at('ready').optionalBoolean(),
    serving: conditions.at('serving').optionalBoolean(),
    terminating: conditions.at('terminating').optionalBoolean(),
    pod: targetRef.at('kind').optionalString() === 'Pod' ? targetRef.at('name').optionalString() : undefined,
    zone: endpoint.at('zone').optionalString(),
    node: endpoint.at('nodeName').optionalString(),
    zoneHints: hints.at('forZones').list((zone) => zone.at('name').string()),
    nodeHints: hints.at('forNodes').list((node) => node.at('name').string()),
  };
}

function decodeAddress(field: Field, addressType: string): string {
  const written = field.string();
  if (written === '' || addressType === 'FQDN') return written;
  const address = canonicalAddress(written);
  if (address === undefined || address.includes(':') !== (addressType === 'IPv6')) {
    field.wrong(`"${written}" is not an address of the slice's addressType, ${addressType}`);
  }
  return address ?? written;
}
