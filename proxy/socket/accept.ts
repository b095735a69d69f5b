import net from 'node:net';
import { handleOf } from './handle.ts';
import { RawConnection } from './rawConnection.ts';

/** What of `net.Socket` leads back to the server that accepted it; private to Node. */
type Counted = { _server: net.Server | null };

/**
 * Takes an accepted socket over as a connection. `net.Server` cannot give an accepted socket an `onread` buffer, so its
 * handle moves into a new socket that has one (private option `handle`; verified on Node 20, 24 and 26), and with it the
 * place in the server's count of open connections. The server must be made with `pauseOnConnect`. Undefined when the peer
 * is gone already.
 */
export function takeOver(accepted: net.Socket): RawConnection | undefined {
  const handle = handleOf(accepted);
  if (handle === undefined) return undefined;
  accepted.removeAllListeners();
  const shell = accepted as unknown as Counted & { _handle: null };
  shell._handle = null;
  return RawConnection.over((onread) => {
    const options = { handle, allowHalfOpen: true, onread, noDelay: true };
    const socket = new net.Socket(options as unknown as net.SocketConstructorOpts);
    // Node counts a connection out of `maxConnections` when the socket that has this reference closes.
    (socket as unknown as Counted)._server = shell._server;
    shell._server = null;
    // A socket made with a handle reads only when told to.
    if (!handle.reading) socket.read(0);
    return socket;
  });
}
