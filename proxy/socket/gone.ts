import { getSocketOption } from '../libc.ts';
import { clock } from './clock.ts';
import { Alarm, unwatchDeadline, watchDeadline } from './deadlines.ts';

const solSocket = 1;
const soError = 4;
const lookEveryMs = 100;
const error = new Uint8Array(4);

/**
 * Looks for an error of a socket from which Node reads no more, so that it would learn of one only by its next write. `of`
 * has its descriptor, -1 once it is closed. Returns how to stop.
 */
export function watchForError(of: { readonly fd: number }, onError: () => void): () => void {
  const watch = new Alarm(() => {
    if (hasError(of.fd)) onError();
    else watch.deadline = clock.ms + lookEveryMs;
  });
  watch.deadline = clock.ms + lookEveryMs;
  watchDeadline(watch);
  return () => unwatchDeadline(watch);
}

function hasError(fd: number): boolean {
  return (
    fd >= 0 && getSocketOption({ fd, level: solSocket, option: soError }, error) && error.some((byte) => byte !== 0)
  );
}
