import { destinationName, type Endpoint, endpointsName } from '../../routing/model.ts';
import { type Explanation, explanationFragment } from '../observe/fragment.ts';
import type { RequestMetrics } from '../observe/httpMetrics.ts';
import type { ConnectionMetrics } from '../observe/tcpMetrics.ts';
import type { Forward } from '../exchange/candidates.ts';
import type { UpstreamEndpoint } from '../upstream/endpoint.ts';
import type { Destination } from '../table/destination.ts';
import type { Proxy } from './proxy.ts';

/** Where a connection was going before it was redirected. */
export type Original = { readonly address: string; readonly port: number };

/**
 * The way of one accepted connection. Outbound ones have a `destination`, whose routing counts for every request anew;
 * without a routing, and inbound, the way leads straight to the original destination.
 */
export type Path = {
  readonly direction: 'outbound' | 'inbound';
  readonly original: Original;
  readonly destination: Destination | undefined;
  /** Source address towards the sidecar's own application. */
  readonly localAddress: string | undefined;
};

const passedThrough = explanationFragment({ backend: 'passthrough' });
const toApplication = explanationFragment({});

/** Sends requests to the one original destination. */
export function prepareStraight(path: Path, endpoint: UpstreamEndpoint, proxy: Proxy): Forward {
  const candidates = [endpoint];
  const members: readonly Endpoint[] = [endpoint.endpoint];
  const name = destinationName(path.original.address, path.original.port);
  return {
    type: 'Forward',
    explanation: path.direction === 'inbound' ? toApplication : passedThrough,
    metrics: straightMetrics(path, proxy),
    protocol: 'http1',
    group: { name, known: true, members, candidates: () => candidates },
    requestHeaders: [],
    responseHeaders: [],
    hostname: undefined,
    path: undefined,
    matchedPrefix: undefined,
  };
}

function straightMetrics({ direction, original }: Path, { metrics }: Proxy): RequestMetrics {
  return direction === 'inbound' ? metrics.http.inbound(original.port) : metrics.http.route({});
}

/** The original destination as an endpoint. */
export function originalEndpoint({ address, port }: Original): Endpoint {
  return { address, port, ready: true, serving: true, terminating: false };
}

/** Explains a connection that is not taken apart into requests. */
export function explainTunnel({ direction, destination }: Path): Explanation {
  const compiled = destination?.compiled;
  if (compiled === undefined) return direction === 'inbound' ? toApplication : passedThrough;
  const { service, port } = compiled.routing;
  const name = endpointsName(service, port);
  return explanationFragment({ service: name, backend: name, revision: compiled.revision });
}

/** Counts such a connection. */
export function tunnelMetrics({ direction, original, destination }: Path, { metrics }: Proxy): ConnectionMetrics {
  if (direction === 'inbound') return metrics.tcp.inbound(original.port);
  const routing = destination?.compiled?.routing;
  return metrics.tcp.outbound(routing === undefined ? undefined : { ...routing.service, port: routing.port });
}
