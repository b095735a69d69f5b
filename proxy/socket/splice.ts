import { read, splice, systemError, wouldBlock } from '../libc.ts';
import { type Pipe, refusePipes } from './pipes.ts';
import type { RawConnection } from './rawConnection.ts';

// Between sockets and pipes past libuv: only into a connection that is idle, so that libuv's own writes keep their place.

const upToBytes = 1_048_576;
// Not of the connection: this kernel or sandbox does not splice.
const cannot = new Set(['EINVAL', 'ENOSYS', 'EPERM', 'EACCES']);

/**
 * Moves what has come on a connection into a pipe without a copy and returns how much it was: 0 when nothing waits, and at
 * the end, which the next read finds again. A broken connection is destroyed: the kernel tells of an error but once.
 */
export function fillPipe(pipe: Pipe, from: RawConnection): number {
  const moved = splice(from.fd, pipe.writeFd, upToBytes);
  if (moved < 0 && !wouldBlock()) {
    const error = systemError('splice');
    if (cannot.has(error.code ?? '')) refusePipes();
    else from.destroy(error);
  }
  pipe.held += Math.max(moved, 0);
  return Math.max(moved, 0);
}

/** Moves what a pipe holds to a connection; false when the kernel takes no more, for now or (`writeError`) for ever. */
export function emptyPipe(pipe: Pipe, to: RawConnection): boolean {
  while (pipe.held > 0) {
    const moved = splice(pipe.readFd, to.fd, pipe.held);
    if (moved > 0) pipe.held -= moved;
    else {
      if (!wouldBlock()) to.failWrite(systemError('splice'));
      return false;
    }
  }
  return true;
}

/** Takes the first bytes out of a pipe; returns how many. */
export function takeFromPipe(pipe: Pipe, into: Uint8Array): number {
  const taken = Math.max(read(pipe.readFd, into, Math.min(pipe.held, into.length)), 0);
  pipe.held -= taken;
  return taken;
}
