import { closeFd } from '../libc.ts';
import { clock } from './clock.ts';
import { createConnectRequest, createSocketHandle, type TcpHandle, uvError } from './handle.ts';
import { guard } from './guard.ts';
import type { OpenCount } from './connection.ts';
import { RawConnection } from './rawConnection.ts';

export type DialTarget = {
  readonly address: string;
  readonly port: number;
  /** Source address: 127.0.0.6 or ::6 towards the sidecar's own application. */
  readonly localAddress?: string;
};

/** Makes an unconnected socket for an address family; used to mark sockets (SO_MARK) where the owner cannot be told. */
export type SocketMaker = (family: 4 | 6) => number;

/**
 * Starts a connection to `target`; `onConnect` comes once it stands, else the receiver's onClose with the reason. It counts
 * `among` others until it is closed.
 */
export function dial(
  target: DialTarget,
  makeSocket: SocketMaker | undefined,
  onConnect: () => void,
  among?: OpenCount,
): RawConnection {
  const handle = createSocketHandle();
  const connection = RawConnection.dialled(handle, among);
  try {
    begin(handle, target, makeSocket, (status) => {
      clock.ms = performance.now();
      if (status < 0) connection.destroy(uvError(status, 'connect'));
      else if (connection.connected()) guard(connection, onConnect);
    });
  } catch (error) {
    // No socket to be had (EMFILE, no right to mark it) ends as a connection that cannot be made does.
    connection.destroy(error instanceof Error ? error : new Error('no socket could be made', { cause: error }));
  }
  return connection;
}

function begin(
  handle: TcpHandle,
  { address, port, localAddress }: DialTarget,
  makeSocket: SocketMaker | undefined,
  onComplete: (status: number) => void,
): void {
  const isV6 = address.includes(':');
  const fd = makeSocket?.(isV6 ? 6 : 4);
  const opened = fd === undefined ? 0 : handle.open(fd);
  // It is nobody's then.
  if (opened < 0 && fd !== undefined) closeFd(fd);
  must(opened, 'open');
  handle.setNoDelay(true);
  if (localAddress !== undefined) must(isV6 ? handle.bind6(localAddress, 0, 0) : handle.bind(localAddress, 0), 'bind');
  const request = createConnectRequest();
  request.oncomplete = onComplete;
  must(isV6 ? handle.connect6(request, address, port) : handle.connect(request, address, port), 'connect');
}

function must(status: number, call: string): void {
  if (status < 0) throw uvError(status, call);
}
