import type net from 'node:net';
import type { TcpHandle } from '../../proxy/socket/handle.ts';
import { RawConnection } from '../../proxy/socket/rawConnection.ts';

/** What of Node's sockets is private to them. */
type Inner = { _handle: TcpHandle | null; _server: { _connections: number } | null };

/** The file descriptor of a socket of Node's, -1 once it is closed. */
export function fdOf(socket: net.Socket): number {
  return (socket as unknown as Inner)._handle?.fd ?? -1;
}

/**
 * Makes a connection of ours of a socket that a server of Node's has accepted, which must pause them (`pauseOnConnect`).
 * Undefined when the peer is gone already.
 */
export function takeOver(accepted: net.Socket): RawConnection | undefined {
  const inner = accepted as unknown as Inner;
  const { _handle: handle, _server: server } = inner;
  if (handle === null) return undefined;
  accepted.removeAllListeners();
  inner._handle = null;
  inner._server = null;
  if (server !== null) server._connections--;
  return RawConnection.accepted(handle);
}
