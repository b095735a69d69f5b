import { read, send, splice, systemError, wouldBlock } from '../libc.ts';
import type { Connection } from './connection.ts';
import { fdOf } from './handle.ts';
import { type Pipe, refusePipes } from './pipes.ts';

// Of sockets and pipes past libuv: only into a connection that is idle, so that libuv's own writes keep their place.

const withoutWaiting = 0x40 | 0x4000; // MSG_DONTWAIT, MSG_NOSIGNAL
const moreFollows = 0x8000; // MSG_MORE
const upToBytes = 1_048_576;
// Not of the connection: this kernel or sandbox does not splice.
const cannot = new Set(['EINVAL', 'ENOSYS', 'EPERM', 'EACCES']);

/**
 * Hands bytes to the kernel and returns how many it took: none while others wait to be written. `more`: others follow at
 * once, so it may hold these back for a fuller packet. A broken connection is destroyed, and takes everything.
 */
export function sendNow(to: Connection, bytes: Uint8Array, length: number, more: boolean): number {
  if (!to.idle) return 0;
  const sent = send(fdOf(to.socket), bytes, length, withoutWaiting | (more ? moreFollows : 0));
  if (sent >= 0) return sent;
  if (wouldBlock()) return 0;
  to.socket.destroy(systemError('send'));
  return length;
}

/**
 * Moves what has come on a connection into a pipe without a copy and returns how much it was: 0 when nothing waits, and at
 * the end, which the next read finds again. A broken connection is destroyed: the kernel tells of an error but once.
 */
export function fillPipe(pipe: Pipe, from: Connection): number {
  const moved = splice(fdOf(from.socket), pipe.writeFd, upToBytes);
  if (moved < 0 && !wouldBlock()) {
    const error = systemError('splice');
    if (cannot.has(error.code ?? '')) refusePipes();
    else from.socket.destroy(error);
  }
  pipe.held += Math.max(moved, 0);
  return Math.max(moved, 0);
}

/** Moves what a pipe holds to a connection; false when the kernel takes no more for now. A broken connection is destroyed. */
export function emptyPipe(pipe: Pipe, to: Connection): boolean {
  while (pipe.held > 0) {
    const moved = splice(pipe.readFd, fdOf(to.socket), pipe.held);
    if (moved > 0) pipe.held -= moved;
    else {
      if (!wouldBlock()) to.socket.destroy(systemError('splice'));
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
