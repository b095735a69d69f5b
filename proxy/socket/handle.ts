import type net from 'node:net';

/** The part of libuv's TCP handle that is used: private to Node, so it is named here and nowhere else. */
export type TcpHandle = { readonly fd: number; reading: boolean; readonly writeQueueSize: number };

/** The handle of a socket, or undefined once it is closed. */
export function handleOf(socket: net.Socket): TcpHandle | undefined {
  return (socket as unknown as { _handle: TcpHandle | null })._handle ?? undefined;
}

/** The file descriptor of a socket, -1 once it is closed. */
export function fdOf(socket: net.Socket): number {
  return handleOf(socket)?.fd ?? -1;
}
