import { errorOf } from '../../runtime/reason.ts';
import { createListenerHandle, type TcpHandle, uvError } from './handle.ts';

const ipv6Only = 1;

export type Listener = {
  /** The port that it listens on. */
  readonly port: number;
  /** Accepts no more; what was accepted stays. */
  close(): void;
};

export type ListenerEvents = {
  /** An accepted socket, whose owner must close it. */
  onAccepted(handle: TcpHandle): void;
  /** One could not be accepted. */
  onError(error: NodeJS.ErrnoException): void;
};

/**
 * Listens on an address, on IPv6 for IPv6 alone; throws with the code of the error (EADDRINUSE, EADDRNOTAVAIL …). Node's own
 * server would make a socket with all its streams of each connection, to be thrown away.
 */
export function listenOn({ host, port }: { host: string; port: number }, events: ListenerEvents): Listener {
  const handle = createListenerHandle();
  handle.onconnection = (status, accepted) => {
    if (status < 0) events.onError(uvError(status, 'accept'));
    else accept(accepted, events);
  };
  const bound = host.includes(':') ? handle.bind6(host, port, ipv6Only) : handle.bind(host, port);
  // An address in use shows here only.
  const failed = bound < 0 ? bound : handle.listen(4096);
  // Those that it accepts have it from here, and need no system call of their own (tcp(7)).
  if (failed === 0) handle.setNoDelay(true);
  if (failed < 0) {
    handle.close();
    throw uvError(failed, 'listen', `${host}:${port}`);
  }
  const name: { port?: number } = {};
  handle.getsockname(name);
  return { port: name.port ?? port, close: () => handle.close() };
}

/** A defect in what is done with one costs that one. */
function accept(handle: TcpHandle, events: ListenerEvents): void {
  try {
    events.onAccepted(handle);
  } catch (error) {
    handle.close();
    events.onError(errorOf(error));
  }
}
