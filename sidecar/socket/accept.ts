import net from 'node:net';
import { Connection } from './connection.ts';
import { handleOf } from './handle.ts';

/**
 * Takes an accepted socket over as a Connection. `net.Server` cannot give an accepted socket an `onread` buffer, so its
 * handle moves into a new socket that has one (private option `handle`; verified on Node 20, 24 and 26). The server must
 * be made with `pauseOnConnect`. Undefined when the peer is gone already.
 */
export function takeOver(accepted: net.Socket): Connection | undefined {
  const handle = handleOf(accepted);
  if (handle === undefined) return undefined;
  accepted.removeAllListeners();
  (accepted as unknown as { _handle: null })._handle = null;
  const connection = new Connection((onread) => {
    const options = { handle, allowHalfOpen: true, onread, noDelay: true };
    return new net.Socket(options as unknown as net.SocketConstructorOpts);
  });
  // A socket made with a handle reads only when told to.
  if (!handle.reading) connection.socket.read(0);
  return connection;
}
