import { createSeldom } from '../../runtime/seldom.ts';
import type { Logger } from '../../runtime/log.ts';
import { onHeld, pressure, toEndpoints } from '../socket/held.ts';
import type { OpenConnection } from './served.ts';

// Shed down to this part of the limit, so that not every further byte begins it anew.
const shedTo = 0.9;
// From this part on little is read at a time: hundreds of clients that only read slowly are no reason to refuse anybody.
const pressedFrom = 0.25;

/**
 * Keeps all that waits in this process within `limitBytes`: unfinished heads, bodies without an endpoint, pipelined
 * requests, responses that their clients do not read. Beyond it those who hold most are refused. Returns how to stop.
 */
export function limitHeld(
  connections: Iterable<OpenConnection>,
  limitBytes: number,
  log: Pick<Logger, 'warn'>,
): () => void {
  const maySay = createSeldom(10_000, 1);
  return onHeld(() => {
    let total = 0;
    const holders: { readonly held: number; readonly connection: OpenConnection }[] = [];
    for (const connection of connections) {
      const { held } = connection.served;
      if (held === 0) continue;
      total += held;
      holders.push({ held, connection });
    }
    for (const { unclaimed } of toEndpoints) total += unclaimed;
    pressure.isHigh = total > limitBytes * pressedFrom;
    if (total <= limitBytes) return;
    if (maySay('held')) log.warn({ heldBytes: total, limitBytes }, 'Too many bytes wait: who holds most is refused');
    for (const { unclaimed, connection } of toEndpoints) {
      total -= unclaimed;
      if (unclaimed > 0) connection.reset();
    }
    holders.sort((one, other) => other.held - one.held);
    for (const { held, connection } of holders) {
      if (total <= limitBytes * shedTo) return;
      total -= held;
      connection.served.shed();
    }
  });
}
