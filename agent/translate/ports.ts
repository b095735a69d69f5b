import { destinationName, endpointsName, type Route, type ServiceRouting } from '../../routing/model.ts';
import type { Service, ServicePort } from '../objects/types.ts';
import { type Attachment, judge, type Judgement } from './judge.ts';
import { hasClusterIP } from './parents.ts';
import { protocolOf } from './protocol.ts';
import { findShadowed } from './shadowed.ts';
import type { DestinationRouting } from './result.ts';

/** The ports that routes can attach to, and connections can be told by. */
export function routedPorts(service: Service): readonly ServicePort[] {
  return hasClusterIP(service) ? service.ports.filter(({ protocol }) => protocol === 'TCP') : [];
}

export type TranslatedPort = Pick<Judgement, 'refused' | 'displacing'> & {
  readonly routings: readonly DestinationRouting[];
  /** What of a route never gets a request here, by its key. */
  readonly shadowed: ReadonlyMap<string, readonly string[]>;
};

type PortContext = {
  readonly service: Service;
  /** Whether its addresses are its own. */
  readonly isOwner: boolean;
  readonly attachments: readonly Attachment[];
};

/** What comes of a port, `namespace/service:port`, and of all the routes that attach to it; undefined where there is none. */
export function translatePort(key: string, { service, isOwner, attachments }: PortContext): TranslatedPort | undefined {
  const port = routedPorts(service).find((one) => endpointsName(service.meta, one.port) === key);
  if (port === undefined) return undefined;
  const { serving, refused, displacing } = judge(attachments);
  const shadowed = new Map(serving.values().flatMap((routes) => findShadowed(key, routes)));
  return { refused, displacing, shadowed, routings: isOwner ? listRoutings(service, port, serving) : [] };
}

/** One for every client, and one for each namespace of consumers, at each address. */
function listRoutings(
  service: Service,
  port: ServicePort,
  serving: Judgement['serving'],
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
