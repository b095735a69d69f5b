import { pick } from '../balance/pick.ts';
import { clock } from '../socket/clock.ts';
import type { Connection } from '../socket/connection.ts';
import { Tunnel, type TunnelEnd } from '../tcp/tunnel.ts';
import { explainTunnel, originalEndpoint, type Path, tunnelMetrics } from './path.ts';
import type { Proxy } from './proxy.ts';

type TunnelWay = { readonly path: Path; readonly proxy: Proxy; readonly first: Buffer; readonly family: 4 | 6 };

const noBytes = { bytesIn: 0, bytesOut: 0 };

/**
 * Passes a connection through byte for byte: to one of the Service's ready endpoints, else to the original destination.
 * Calls back when it is over; logs and counts it.
 */
export function openTunnel(client: Connection, way: TunnelWay, onOver: () => void): { destroy(): void } {
  const { path, proxy, first } = way;
  const startMs = performance.now();
  const metrics = tunnelMetrics(path, proxy);
  metrics.opened();
  const group = path.destination?.compiled?.group;
  const straight =
    group === undefined ? proxy.registry.acquire(originalEndpoint(path.original), path.localAddress) : undefined;
  const endpoint = straight ?? pick(group?.candidates(way.family) ?? [], clock.ms, proxy.random);

  const onEnd = (end: TunnelEnd): void => {
    if (endpoint !== undefined) {
      endpoint.end();
      if (end.flag === 'UF') endpoint.onFault();
    }
    if (straight !== undefined) proxy.registry.release(straight, path.localAddress);
    const entry = {
      message: 'connection' as const,
      direction: path.direction,
      method: undefined,
      path: undefined,
      status: 0,
      durationMs: performance.now() - startMs,
      bytesIn: end.bytesIn,
      bytesOut: end.bytesOut,
      explanation: explainTunnel(path),
      endpoint: endpoint?.logFragment,
      attempts: 1,
      flag: end.flag,
      reason: end.reason ?? routesDoNotApply(path),
    };
    metrics.closed(entry);
    proxy.accessLog.write(entry);
    onOver();
  };

  if (endpoint === undefined) {
    client.reset();
    onEnd({ ...noBytes, flag: 'UH', reason: `none of the endpoints of ${group?.name ?? 'the Service'} is ready` });
    return { destroy: () => undefined };
  }
  endpoint.begin();
  const { connectTimeoutMs, idleTimeoutMs } = proxy.limits;
  return new Tunnel(client, endpoint.dial, { first, connectTimeoutMs, idleTimeoutMs, onEnd });
}

function routesDoNotApply({ destination }: Path): string | undefined {
  const routes = destination?.compiled?.routing.routes.length ?? 0;
  return routes === 0 ? undefined : 'passed through: HTTPRoutes do not apply to a connection that is not HTTP/1';
}
