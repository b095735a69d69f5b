import { destinationName, endpointsName, type Route, type ServiceRouting } from '../../routing/model.ts';
import type { Service, ServicePort } from '../objects/types.ts';
import type { Judgement } from './judge.ts';
import { hasClusterIP } from './parents.ts';
import { protocolOf } from './protocol.ts';
import type { DestinationRouting } from './result.ts';

/** The ports that routes can attach to, and connections can be told by. */
export function routedPorts(service: Service): readonly ServicePort[] {
  return hasClusterIP(service) ? service.ports.filter(({ protocol }) => protocol === 'TCP') : [];
}

/** The routing of a port at each address of its Service: one for every client, and one for each namespace of consumers. */
export function translatePort(
  service: Service,
  port: ServicePort,
  { serving }: Judgement,
): readonly DestinationRouting[] {
  const groups = new Map([[undefined, []], ...serving]);
  return [...groups].flatMap(([clientNamespace, routes]) => {
    const routing = makeRouting(service, port, routes);
    return service.clusterIPs.map((address) => ({
      destination: destinationName(address, port.port),
      clientNamespace,
      routing,
    }));
  });
}

function makeRouting(service: Service, port: ServicePort, routes: readonly Route[]): ServiceRouting {
  const { namespace, name } = service.meta;
  const endpoints = endpointsName(service.meta, port.port);
  return { service: { namespace, name }, port: port.port, protocol: protocolOf(service, port), routes, endpoints };
}
