import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../proxy/serve/engine.ts';
import type { Listener } from '../proxy/socket/listener.ts';
import type { OpenConnections, Served } from '../proxy/serve/served.ts';
import type { Logger } from '../runtime/log.ts';

const lookEveryMs = 20;
// Callers hear of a pod's end about when it begins, from their agents; this is how much later they may.
const lastCallsMs = 1000;

/** What is to end, and how much time it has. */
export type Draining = {
  readonly engine: Engine;
  readonly listeners: readonly Pick<Listener, 'close'>[];
  readonly log: Logger;
  readonly graceMs: number;
};

/**
 * Lets requests and connections end for at most `graceMs`, then cuts off what is left. Callers are first left to let go of
 * their connections by themselves, as they do when the endpoint is taken out or an answer says `Connection: close`: a
 * connection that is closed while a request is on its way into it, or before it was accepted, loses that request.
 */
export async function drain({ engine, listeners, log, graceMs }: Draining): Promise<void> {
  const { connections } = engine;
  engine.closing = true;
  const startedAt = performance.now();
  const lastCalls = startedAt + Math.min(lastCallsMs, graceMs);
  const closeIdle = createLook(connections);
  while (called(connections) && performance.now() < lastCalls) await closeIdle('outbound');
  for (const listener of listeners) listener.close();
  for (const { served } of connections) served.announceEnd?.();
  const deadline = startedAt + graceMs;
  while (connections.size > 0 && performance.now() < deadline) await closeIdle('all');
  if (connections.size > 0) log.warn({ connections: connections.size }, 'Grace period over: cut off');
  for (const { served } of connections) served.destroy('the process stops');
}

function called(connections: OpenConnections): boolean {
  for (const { direction } of connections) if (direction === 'inbound') return true;
  return false;
}

/**
 * A look at all connections, which closes the idle ones, each at the second time that it finds it so: what has come with a
 * connection is read by then, so that one with a request in it is not taken for an idle one.
 */
function createLook(connections: OpenConnections): (which: 'outbound' | 'all') => Promise<void> {
  const foundIdle = new WeakSet<Served>();
  return async (which) => {
    await sleep(lookEveryMs);
    for (const { direction, connection, served } of connections) {
      if (!served.idle || (which === 'outbound' && direction === 'inbound')) continue;
      if (!foundIdle.has(served)) foundIdle.add(served);
      // Asked of the kernel: since the last turn of reading a request may have come.
      else if (connection.stillStands()) served.close();
    }
  };
}
