import type { Flag } from '../observe/flags.ts';
import { Tunnel, type TunnelEnd } from '../tcp/tunnel.ts';
import type { Greeting } from './greeting.ts';
import type { Served } from './served.ts';
import type { Serving } from './serving.ts';

/** Passes a connection on as it is, byte for byte; logs and counts it when it is over. */
export function serveTunnel(serving: Serving, first: Buffer, greeting: Greeting | undefined): Served {
  const { connection: client, context, engine } = serving;
  const startMs = greeting?.startMs ?? performance.now();
  const { endpoint, explanation, metrics, reason } = greeting?.way ?? context.tunnelWay();

  let isCounted = false;
  const onEnd = (end: TunnelEnd): void => {
    if (isCounted) endpoint?.places.leaveTunnel();
    endpoint?.end();
    // A server that closes on a client without a word has failed, like one that cannot be reached.
    if (end.flag === 'UF' || (end.flag === 'UC' && end.bytesOut === 0)) endpoint?.onFault();
    const entry = {
      message: 'connection' as const,
      direction: context.direction,
      peer: context.peer,
      method: undefined,
      path: undefined,
      status: 0,
      durationMs: performance.now() - startMs,
      bytesIn: end.bytesIn,
      bytesOut: end.bytesOut,
      explanation,
      endpoint: endpoint?.logFragment,
      filtered: undefined,
      attempts: 1,
      retriedAfter: undefined,
      traceId: undefined,
      flag: end.flag,
      reason:
        end.flag === undefined || end.reason === undefined
          ? (end.reason ?? reason)
          : context.explain(end.flag, end.reason),
    };
    if (end.connected) metrics.closed(entry);
    else metrics.failed(entry);
    engine.accessLog.write(entry);
    serving.over();
  };

  const refuse = (flag: Flag, why: string | undefined): Served => {
    client.reset();
    onEnd({ bytesIn: 0, bytesOut: 0, connected: false, flag, reason: why });
    return asServed({
      held: 0,
      passedMs: startMs,
      unread: () => 0,
      destroy: () => undefined,
      shed: () => undefined,
    });
  };
  if (endpoint === undefined) return refuse('UH', reason);
  if (greeting === undefined) endpoint.begin();
  isCounted = endpoint.places.enterTunnel();
  if (!isCounted) {
    greeting?.takeOver(() => undefined).destroy();
    return refuse('UO', 'the endpoint has too many connections');
  }
  const { connectTimeoutMs, idleTimeoutMs } = engine.limits;
  const tunnel = new Tunnel(client, greeting?.takeOver ?? endpoint.dial, {
    first,
    connected: greeting?.connected === true,
    connectTimeoutMs,
    idleTimeoutMs,
    onConnected: () => metrics.opened(),
    onEnd,
  });
  if (greeting?.late === true) tunnel.deadline = 0;
  return asServed(tunnel);
}

/** A tunnel ends when its two sides do: it is never known to be idle, and looks for itself whether the client has ended. */
function asServed(tunnel: Pick<Tunnel, 'held' | 'passedMs' | 'unread' | 'shed' | 'destroy'>): Served {
  return {
    idle: false,
    close: () => undefined,
    onEnd: () => undefined,
    get held() {
      return tunnel.held;
    },
    unread: (sinceMs) => tunnel.unread(sinceMs),
    shed: () => tunnel.shed(),
    get passedMs() {
      return tunnel.passedMs;
    },
    destroy: (why) => tunnel.destroy(why),
  };
}
