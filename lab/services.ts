import { isIPv6 } from 'node:net';

/** One port of a Service as kube-proxy sees it: each ClusterIP goes to the endpoints of its own family. */
export type ServicePort = {
  readonly clusterIPs: readonly string[];
  readonly port: number;
  readonly endpoints: readonly { readonly address: string; readonly port: number }[];
};

/**
 * The whole nat table of the node as `iptables-restore` text for one family: what kube-proxy does for ClusterIPs,
 * each connection to a random endpoint.
 */
export function serviceRules(family: 4 | 6, services: readonly ServicePort[]): string {
  const rules = services.flatMap((service) =>
    service.clusterIPs
      .filter((address) => isIPv6(address) === (family === 6))
      .flatMap((address) => portRules(family, address, service)),
  );
  return [
    '*nat',
    ':SERVICES - [0:0]',
    '-A PREROUTING -j SERVICES',
    '-A OUTPUT -j SERVICES',
    ...rules,
    'COMMIT',
    '',
  ].join('\n');
}

function portRules(family: 4 | 6, clusterIP: string, service: ServicePort): string[] {
  const endpoints = service.endpoints.filter(({ address }) => isIPv6(address) === (family === 6));
  return endpoints.map(({ address, port }, index) => {
    const left = endpoints.length - index;
    const share = left === 1 ? '' : ` -m statistic --mode random --probability ${(1 / left).toFixed(8)}`;
    const target = family === 6 ? `[${address}]:${port}` : `${address}:${port}`;
    return `-A SERVICES -d ${clusterIP} -p tcp --dport ${service.port}${share} -j DNAT --to-destination ${target}`;
  });
}
