import { usableFrom, type Place } from '../../agent/translate/usable.ts';
import { EndpointGroup, type EndpointSource } from '../../proxy/balance/group.ts';
import type { CompiledRouting } from '../../proxy/route/compile.ts';
import { compileRouting } from '../../proxy/route/compile.ts';
import type { ConnectionsByProtocol } from '../../proxy/upstream/connections.ts';
import { UpstreamEndpoint } from '../../proxy/upstream/endpoint.ts';
import { destinationName, readEndpointsName, type ServiceRouting } from '../../routing/model.ts';
import type { Mesh } from './mesh.ts';

/**
 * A routing as a client's sidecar has it: compiled by the engine, with the endpoints that a client at that place may use.
 * Nothing can be sent to them. Throws where a sidecar would refuse the routing, which the translation makes impossible.
 */
export function compilePort(mesh: Mesh, routing: ServiceRouting, place: Place): CompiledRouting {
  const groups = new Map<string, EndpointGroup<UpstreamEndpoint>>();
  const group = (name: string): EndpointGroup<UpstreamEndpoint> => {
    let found = groups.get(name);
    if (found !== undefined) return found;
    found = new EndpointGroup(name, source);
    groups.set(name, found);
    const endpoints = mesh.endpoints.get(name);
    if (endpoints !== undefined && mesh.known(readEndpointsName(name).service))
      found.update(usableFrom(endpoints, place));
    return found;
  };
  const compiled = compileRouting(routing, { revision: '', metrics: nothingCounted, group });
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.compiled;
}

const nothing = (): undefined => undefined;
const nothingCounted = {
  route: () => ({ observe: nothing }),
  mirror: () => ({ count: nothing }),
  retries: () => ({ tried: nothing, limited: nothing }),
};

// Whatever protocols there are.
const noConnections = new Proxy({}, { get: () => refuse }) as ConnectionsByProtocol;

const source: EndpointSource<UpstreamEndpoint> = {
  acquire: (endpoint) =>
    new UpstreamEndpoint({
      endpoint,
      logFragment: destinationName(endpoint.address, endpoint.port),
      dial: () => refuse(),
      protocols: noConnections,
      random: () => 0,
      onOutlier: () => undefined,
    }),
  release: () => undefined,
  ejections: { changes: 0 },
  onLeftOut: () => undefined,
};

function refuse(): never {
  throw new Error('nothing is sent to endpoints that are only looked at');
}
