import { canonicalAddress } from './address.ts';
import type { Field } from './field.ts';
import type { Meta, Pod, Service } from './types.ts';

/** Decodes a v1 Service. */
export function decodeService(object: Field, meta: Meta): Service {
  const spec = object.at('spec');
  const type = spec.at('type').optionalString() ?? 'ClusterIP';
  const single = spec.at('clusterIP').optionalString();
  const headless = single === 'None' || spec.at('clusterIPs').items()[0]?.optionalString() === 'None';
  return {
    kind: 'Service',
    meta,
    type,
    clusterIPs: headless || type === 'ExternalName' ? [] : decodeClusterIPs(spec),
    headless,
    ports: spec
      .at('ports')
      .items()
      .map((port) => ({
        name: port.at('name').optionalString() ?? '',
        port: port.at('port').integer(1, 65_535),
        protocol: port.at('protocol').optionalString() ?? 'TCP',
        appProtocol: port.at('appProtocol').optionalString(),
      })),
    opaquePorts: object.at('metadata').at('annotations').at('heddle.dev/opaque-ports').optionalString(),
  };
}

/** Decodes what identifies a v1 Pod: its name and its addresses. */
export function decodePod(object: Field, meta: Meta): Pod {
  const status = object.at('status');
  const phase = status.at('phase').optionalString();
  const addresses = [
    status.at('podIP'),
    ...status
      .at('podIPs')
      .items()
      .map((item) => item.at('ip')),
  ];
  const finished = phase === 'Succeeded' || phase === 'Failed';
  return { kind: 'Pod', meta, podIPs: finished ? [] : decodeAddresses(addresses) };
}

function decodeClusterIPs(spec: Field): readonly string[] {
  return decodeAddresses([spec.at('clusterIP'), ...spec.at('clusterIPs').items()]);
}

function decodeAddresses(fields: readonly Field[]): readonly string[] {
  const addresses = new Set<string>();
  for (const field of fields) {
    const written = field.optionalString();
    if (written === undefined || written === '') continue;
    const address = canonicalAddress(written);
    if (address === undefined) field.wrong(`"${written}" is not an IP address`);
    else addresses.add(address);
  }
  return [...addresses];
}
