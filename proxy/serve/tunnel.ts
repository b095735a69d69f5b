import { Tunnel, type TunnelEnd } from '../tcp/tunnel.ts';
import type { Served } from './served.ts';
import type { Serving } from './serving.ts';

/** Passes a connection on as it is, byte for byte; logs and counts it when it is over. */
export function serveTunnel(serving: Serving, first: Buffer): Served {
  const { connection: client, context, engine } = serving;
  const startMs = performance.now();
  const { endpoint, explanation, metrics, reason } = context.tunnelWay();
  metrics.opened();

  const onEnd = (end: TunnelEnd): void => {
    endpoint?.end();
    // A server that closes on a client without a word has failed, like one that cannot be reached.
    if (end.flag === 'UF' || (end.flag === 'UC' && end.bytesOut === 0)) endpoint?.onFault();
    const entry = {
      message: 'connection' as const,
      direction: context.direction,
      method: undefined,
      path: undefined,
      status: 0,
      durationMs: performance.now() - startMs,
      bytesIn: end.bytesIn,
      bytesOut: end.bytesOut,
      explanation,
      endpoint: endpoint?.logFragment,
      attempts: 1,
      flag: end.flag,
      reason: end.reason ?? reason,
    };
    metrics.closed(entry);
    engine.accessLog.write(entry);
    serving.over();
  };

  if (endpoint === undefined) {
    client.reset();
    onEnd({ bytesIn: 0, bytesOut: 0, flag: 'UH', reason });
    return asServed({ held: 0, destroy: () => undefined, shed: () => undefined });
  }
  endpoint.begin();
  const { connectTimeoutMs, idleTimeoutMs } = engine.limits;
  return asServed(new Tunnel(client, endpoint.dial, { first, connectTimeoutMs, idleTimeoutMs, onEnd }));
}

/** A tunnel ends when its two sides do: it is never known to be idle, and looks for itself whether the client has ended. */
function asServed(tunnel: Pick<Served, 'held' | 'shed' | 'destroy'>): Served {
  return {
    idle: false,
    close: () => undefined,
    onEnd: () => undefined,
    get held() {
      return tunnel.held;
    },
    shed: () => tunnel.shed(),
    destroy: () => tunnel.destroy(),
  };
}
