import { getSocketOption } from '../libc.ts';
import { clock } from './clock.ts';
import type { Connection } from './connection.ts';
import { type Expiring, unwatchDeadline, watchDeadline } from './deadlines.ts';
import { fdOf } from './handle.ts';

const solSocket = 1;
const soError = 4;
const lookEveryMs = 100;
const error = new Uint8Array(4);

/**
 * Looks for a reset of a connection whose peer has sent its FIN: from then on Node reads no more, so it would learn of one
 * only by its next write. A broken connection is destroyed; its receiver's onClose comes as usual. Returns how to stop.
 */
export function watchForReset(connection: Connection): () => void {
  const watch: Expiring = {
    deadline: clock.ms + lookEveryMs,
    onDeadline() {
      if (isReset(connection)) connection.socket.destroy(new Error('reset by the peer'));
      else watch.deadline = clock.ms + lookEveryMs;
    },
  };
  watchDeadline(watch);
  return () => unwatchDeadline(watch);
}

function isReset(connection: Connection): boolean {
  const fd = fdOf(connection.socket);
  if (fd < 0) return false;
  return getSocketOption({ fd, level: solSocket, option: soError }, error) && error.some((byte) => byte !== 0);
}
