import { getSocketOption } from '../libc.ts';
import { clock } from './clock.ts';
import { Alarm, unwatchDeadline, watchDeadline } from './deadlines.ts';
import { uvError } from './handle.ts';

const solSocket = 1;
const soError = 4;
const lookEveryMs = 100;
const error = Buffer.alloc(4);

/**
 * Looks for an error of a socket from which Node reads no more, so that it would learn of one only by its next write. `of`
 * has its descriptor, -1 once it is closed and while it is not to be looked at. Returns how to stop.
 */
export function watchForError(
  of: { readonly fd: number },
  onError: (error: NodeJS.ErrnoException) => void,
): () => void {
  const watch = new Alarm(() => {
    const number = errnoOf(of.fd);
    if (number !== 0) onError(uvError(-number, 'read'));
    else watch.deadline = clock.ms + lookEveryMs;
  });
  watch.deadline = clock.ms + lookEveryMs;
  watchDeadline(watch);
  return () => unwatchDeadline(watch);
}

/** The errno of a socket, which the kernel tells but once; 0 where there is none. */
function errnoOf(fd: number): number {
  if (fd < 0 || !getSocketOption({ fd, level: solSocket, option: soError }, error)) return 0;
  return error.readInt32LE();
}
