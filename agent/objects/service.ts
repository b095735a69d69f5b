import { labelDomain, wishAnnotations } from '../../contract/labels.ts';
import { canonicalAddress } from './address.ts';
import type { Field } from './field.ts';
import type { Meta, Pod, Service, ServicePort } from './types.ts';

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
    ports: decodePorts(spec.at('ports')),
    opaquePorts: object.at('metadata').at('annotations').at(wishAnnotations.opaquePorts).optionalString(),
    annotations: decodeAnnotations(object.at('metadata').at('annotations')),
    isLocal: spec.at('internalTrafficPolicy').optionalString() === 'Local',
    sessionAffinityMs: decodeSessionAffinity(spec),
    publishNotReadyAddresses: spec.at('publishNotReadyAddresses').optionalBoolean() ?? false,
    trafficDistribution: spec.at('trafficDistribution').optionalString(),
  };
}

function decodeAnnotations(field: Field): Readonly<Record<string, string>> | undefined {
  const names = field.keysBesides([wishAnnotations.opaquePorts]).filter((name) => name.startsWith(`${labelDomain}/`));
  if (names.length === 0) return undefined;
  return Object.fromEntries(names.map((name) => [name, field.at(name).optionalString() ?? '']));
}

/** The longest time and the one that counts where none is given are those of the API. */
function decodeSessionAffinity(spec: Field): number | undefined {
  const timeout = spec.at('sessionAffinityConfig').at('clientIP').at('timeoutSeconds').optionalInteger(1, 86_400);
  return spec.at('sessionAffinity').optionalString() === 'ClientIP' ? (timeout ?? 10_800) * 1000 : undefined;
}

function decodePorts(field: Field): readonly ServicePort[] {
  const seen = new Set<string>();
  return field.list((item) => {
    const port = {
      name: item.at('name').optionalString() ?? '',
      port: item.at('port').integer(1, 65_535),
      protocol: item.at('protocol').optionalString() ?? 'TCP',
      appProtocol: item.at('appProtocol').optionalString(),
    };
    for (const key of [`name ${port.name}`, `port ${port.port} ${port.protocol}`]) {
      if (seen.has(key)) item.wrong(`another port has the same ${key}; ports differ in name and in number`);
      seen.add(key);
    }
    return port;
  });
}

/** Decodes what identifies a v1 Pod: its name and its addresses; and where it runs. */
export function decodePod(object: Field, meta: Meta): Pod {
  const status = object.at('status');
  const phase = status.at('phase').optionalString();
  const addresses = [status.at('podIP'), ...status.at('podIPs').list((item) => item.at('ip'))];
  const finished = phase === 'Succeeded' || phase === 'Failed';
  return {
    kind: 'Pod',
    meta,
    podIPs: finished ? [] : decodeAddresses(addresses),
    node: object.at('spec').at('nodeName').optionalString(),
  };
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
