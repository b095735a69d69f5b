import net from 'node:net';
import { RawConnection } from './rawConnection.ts';

export type DialTarget = {
  readonly address: string;
  readonly port: number;
  /** Source address: 127.0.0.6 or ::6 towards the sidecar's own application. */
  readonly localAddress?: string;
};

/** Makes an unconnected socket for an address family; used to mark sockets (SO_MARK) where the owner cannot be told. */
export type SocketMaker = (family: 4 | 6) => number;

/** Starts a connection to `target`; `onConnect` comes once it stands, else the receiver's onClose with the reason. */
export function dial(target: DialTarget, makeSocket: SocketMaker | undefined, onConnect: () => void): RawConnection {
  return RawConnection.over((onread) => {
    let fd: number | undefined;
    try {
      fd = makeSocket?.(target.address.includes(':') ? 6 : 4);
    } catch (error) {
      // No socket to be had (EMFILE, no right to mark it) ends as a connection that cannot be made does.
      const failure = error instanceof Error ? error : new Error('no socket could be made', { cause: error });
      return new net.Socket({ onread }).destroy(failure);
    }
    const socket = new net.Socket({ allowHalfOpen: true, onread, ...(fd === undefined ? {} : { fd }) });
    socket.once('connect', onConnect);
    socket.setNoDelay(true);
    return socket.connect({
      host: target.address,
      port: target.port,
      ...(target.localAddress === undefined ? {} : { localAddress: target.localAddress }),
    });
  });
}
