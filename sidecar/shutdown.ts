import type net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Incoming } from '../proxy/serve/incoming.ts';
import type { Proxy } from '../proxy/serve/proxy.ts';

const lookEveryMs = 20;
// Callers hear of a pod's end about when it begins, from their agents; this is how much later they may.
const lastCallsMs = 1000;

/**
 * Lets requests and connections end for at most `graceMs`, then cuts off what is left. Callers are first left to let go of
 * their connections by themselves, as they do when the endpoint is taken out or an answer says `Connection: close`: a
 * connection that is closed while a request is on its way into it, or before it was accepted, loses that request.
 */
export async function drain(parts: {
  readonly proxy: Proxy;
  readonly listeners: readonly net.Server[];
  readonly graceMs: number;
}): Promise<void> {
  const { proxy, listeners, graceMs } = parts;
  proxy.closing = true;
  const startedAt = performance.now();
  const lastCalls = startedAt + Math.min(lastCallsMs, graceMs);
  while (called(proxy) && performance.now() < lastCalls) await look(proxy, ({ direction }) => direction === 'outbound');
  for (const listener of listeners) listener.close();
  const deadline = startedAt + graceMs;
  while (proxy.connections.size > 0 && performance.now() < deadline) await look(proxy, () => true);
  if (proxy.connections.size > 0) proxy.log.warn({ connections: proxy.connections.size }, 'Grace period over: cut off');
  for (const connection of proxy.connections) connection.destroy();
}

function called(proxy: Proxy): boolean {
  for (const { direction } of proxy.connections) if (direction === 'inbound') return true;
  return false;
}

async function look(proxy: Proxy, mayClose: (connection: Incoming) => boolean): Promise<void> {
  // First what has arrived already is read, so that a connection with a request in it is not taken for an idle one.
  await sleep(lookEveryMs);
  for (const connection of proxy.connections) if (mayClose(connection)) connection.drain();
}
