import { getSocketOption } from '../libc.ts';
import type { Connection } from './connection.ts';
import { asRaw } from './rawConnection.ts';

const solSocket = 1;
const soMeminfo = 55;
const use = Buffer.alloc(4);

/**
 * The memory that the kernel holds for what has come on a connection and is not taken from it, in bytes, where nothing has
 * moved on it since `sinceMs`; 0 for one that is read, or moves.
 */
export function unreadSince(connection: Connection, sinceMs: number): number {
  const raw = asRaw(connection);
  if (raw === undefined || !raw.paused || raw.movedMs > sinceMs || raw.fd < 0) return 0;
  // The first of its numbers is what the buffers of received bytes take.
  return getSocketOption({ fd: raw.fd, level: solSocket, option: soMeminfo }, use) ? use.readUInt32LE(0) : 0;
}
