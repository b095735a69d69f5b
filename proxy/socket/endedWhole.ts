import type { Connection } from './connection.ts';

/**
 * Whether all that the peer has sent has come, when a connection tells its end. After a failed write it tells one in any
 * case: the kernel says EPIPE where the peer's end had come before its reset (tcp_reset), else what came may be a part.
 */
export function endedWhole({ writeError }: Connection): boolean {
  return writeError === undefined || writeError.code === 'EPIPE';
}
