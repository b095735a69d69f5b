import { receive, wouldBlock } from '../libc.ts';

const peekWithoutWaiting = 0x02 | 0x40;
const one = new Uint8Array(1);
// recv(2) gives -1 (EAGAIN) while there is nothing to read, 0 after a FIN; bytes that wait are bytes nobody asked for.
const nothingToRead = -1;

/**
 * Whether the socket of an idle connection still stands, asked of the kernel: what has arrived may not have been read by Node
 * yet. A reset fails as EAGAIN does, so the error counts; asking takes it off the socket.
 */
export function isAlive(fd: number): boolean {
  return fd >= 0 && receive(fd, one, peekWithoutWaiting) === nothingToRead && wouldBlock();
}
