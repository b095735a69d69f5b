import { clock } from '../socket/clock.ts';
import type { Connection } from '../socket/connection.ts';

/** Milliseconds for which a connection that is closing is still read from. */
export const drainTimeoutMs = 5000;

/**
 * Whether all has been said both ways, as far as the kernel knows: a client that asked for the end says no more, so that its
 * FIN need not be waited for. Had something come that is not read, the kernel would reset behind the response.
 */
export function isSaid(connection: Connection): boolean {
  return connection.unsent === 0 && connection.stillStands();
}

/** Looks after a connection whose last response is written but may not have left yet, since its client reads slowly. */
export class LastWords {
  private unsent = -1;
  private giveUpMs = 0;
  private readonly patienceMs: number;

  /** `patienceMs`: how long a client may take nothing at all. */
  constructor(patienceMs: number) {
    this.patienceMs = patienceMs;
  }

  /**
   * Ends the connection if it is time, else tells when to ask again. One that is cut off within its response is reset, so
   * that its client cannot take what came for the whole.
   */
  await(connection: Connection): number {
    const { unsent } = connection;
    if (unsent === 0) {
      connection.destroy();
      return Infinity;
    }
    if (unsent === this.unsent && clock.ms >= this.giveUpMs) {
      connection.reset();
      return Infinity;
    }
    if (unsent !== this.unsent) this.giveUpMs = clock.ms + this.patienceMs;
    this.unsent = unsent;
    return clock.ms + Math.min(drainTimeoutMs, this.patienceMs);
  }
}
