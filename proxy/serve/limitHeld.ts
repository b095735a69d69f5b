import { createSeldom } from '../../runtime/seldom.ts';
import type { Logger } from '../../runtime/log.ts';
import { onHeld, pressure, toEndpoints } from '../socket/held.ts';
import type { OpenConnection } from './served.ts';
import { type Holder, shedMost } from './shedMost.ts';

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
    const holders: Holder[] = [];
    for (const { served } of connections) {
      const bytes = served.held;
      if (bytes === 0) continue;
      total += bytes;
      holders.push({ bytes, served });
    }
    for (const { unclaimed } of toEndpoints) total += unclaimed;
    pressure.isHigh = total > limitBytes * pressedFrom;
    if (total <= limitBytes) return;
    if (maySay('held')) log.warn({ heldBytes: total, limitBytes }, 'Too many bytes wait: who holds most is refused');
    for (const { unclaimed, connection } of toEndpoints) {
      total -= unclaimed;
      if (unclaimed > 0) connection.reset();
    }
    shedMost(holders, total, limitBytes);
  });
}
