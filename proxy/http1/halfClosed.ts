import type { Connection } from '../socket/connection.ts';

const probeDelayMs = 10_000;

/**
 * A FIN behind a whole request: the client has closed, or only half-closed and still reads. One that has closed answers the
 * next bytes with a reset. `ask`: with an interim response, which every client must pass over (RFC 9110 section 15.2).
 */
export function watchHalfClosed(connection: Connection, how: 'ask' | 'wait'): void {
  connection.keepAlive(probeDelayMs);
  connection.watchForReset();
  if (how === 'ask') connection.writeText('HTTP/1.1 102 Processing\r\n\r\n');
}
