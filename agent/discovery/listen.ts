import { createServer, type Socket } from 'node:net';
import { peerAddress } from './identity.ts';
import { Holders } from './holders.ts';

export type Listening = {
  readonly address: string;
  /** Takes no more connections; resolves when all that there are have ended. */
  close(): Promise<void>;
  /** Whether there is a connection from `address:port` to a port of this machine. */
  has(from: string, localPort: number | undefined): boolean;
  /** Cuts all connections, or that from `address:port`. */
  cut(from?: string): void;
};

/** Each costs the agent 50 to 100 KB with its TLS. */
const maximumConnections = 2000;

/**
 * Listens at `host:port` and hands on what connects. When there are too many connections, the oldest of whoever has most
 * is closed. `[::]` falls back to `0.0.0.0` where there is no IPv6. Rejects when it cannot listen.
 */
export async function listen(address: string, onConnection: (socket: Socket) => void): Promise<Listening> {
  try {
    return await listenAt(address, onConnection);
  } catch (error) {
    if (!address.startsWith('[::]:')) throw error;
    return listenAt(address.replace('[::]', '0.0.0.0'), onConnection);
  }
}

function listenAt(address: string, onConnection: (socket: Socket) => void): Promise<Listening> {
  const connections = new Holders<Socket>();
  const byAddress = new Map<string, Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    const from = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
    const peer = peerAddress(from);
    connections.add(peer, socket);
    byAddress.set(from, socket);
    socket.on('close', () => {
      connections.remove(peer, socket);
      byAddress.delete(from);
    });
    if (connections.size > maximumConnections) (connections.oldestOfGreediest() ?? socket).destroy();
    if (!socket.destroyed) onConnection(socket);
  });
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replaceAll(/[[\]]/g, '');
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Error(`cannot listen on ${address}: ${error.message}`, { cause: error })),
    );
    server.listen({ host, port: Number(address.slice(colon + 1)) }, () => {
      const bound = server.address();
      const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
      resolve({
        address: address.replace(/\d+$/, String(port)),
        close: () => new Promise((closed) => server.close(() => closed())),
        has: (from, localPort) => localPort === port && byAddress.has(from),
        cut(from) {
          if (from === undefined) for (const socket of byAddress.values()) socket.destroy();
          else byAddress.get(from)?.destroy();
        },
      });
    });
  });
}
