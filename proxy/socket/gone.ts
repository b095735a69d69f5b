import { getSocketOption } from '../libc.ts';
import { clock } from './clock.ts';
import { Expiring, unwatchDeadline, watchDeadline } from './deadlines.ts';
import { uvError } from './handle.ts';

const solSocket = 1;
const soError = 4;
const lookEveryMs = 100;
const error = Buffer.alloc(4);

/**
 * Looks for an error of a socket from which Node reads no more, so that it would learn of one only by its next write. `of`
 * has its descriptor, -1 once it is closed. It looks from `start` to `stop`, any number of times.
 */
export class ErrorWatch extends Expiring {
  private readonly of: { readonly fd: number };
  private readonly onError: (error: NodeJS.ErrnoException) => void;

  constructor(of: { readonly fd: number }, onError: (error: NodeJS.ErrnoException) => void) {
    super();
    this.of = of;
    this.onError = onError;
  }

  start(): void {
    this.deadline = clock.ms + lookEveryMs;
    watchDeadline(this);
  }

  stop(): void {
    unwatchDeadline(this);
  }

  onDeadline(): void {
    const number = errnoOf(this.of.fd);
    if (number !== 0) this.onError(uvError(-number, 'read'));
    else this.deadline = clock.ms + lookEveryMs;
  }
}

/** Starts one; returns how to stop it. */
export function watchForError(
  of: { readonly fd: number },
  onError: (error: NodeJS.ErrnoException) => void,
): () => void {
  const watch = new ErrorWatch(of, onError);
  watch.start();
  return () => watch.stop();
}

/** The errno of a socket, which the kernel tells but once; 0 where there is none. */
function errnoOf(fd: number): number {
  if (fd < 0 || !getSocketOption({ fd, level: solSocket, option: soError }, error)) return 0;
  return error.readInt32LE();
}
