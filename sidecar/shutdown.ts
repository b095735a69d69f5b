import type net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Proxy } from './listen/proxy.ts';

const lookEveryMs = 20;

/** Stops accepting, lets requests and connections end for at most `graceMs`, then cuts off what is left. */
export async function drain(parts: {
  readonly proxy: Proxy;
  readonly listeners: readonly net.Server[];
  readonly graceMs: number;
}): Promise<void> {
  const { proxy, listeners, graceMs } = parts;
  proxy.closing = true;
  for (const listener of listeners) listener.close();
  const deadline = performance.now() + graceMs;
  while (proxy.connections.size > 0 && performance.now() < deadline) {
    // First what has arrived already is read, so that a connection with a request in it is not taken for an idle one.
    await sleep(lookEveryMs);
    for (const connection of proxy.connections) connection.drain();
  }
  if (proxy.connections.size > 0) proxy.log.warn({ connections: proxy.connections.size }, 'Grace period over: cut off');
  for (const connection of proxy.connections) connection.destroy();
}
