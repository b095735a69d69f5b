import { once } from 'node:events';
import net from 'node:net';
import type { ExecutionContext } from 'ava';
import { takeOver } from './takeOver.ts';
import type { Connection } from '../../proxy/socket/connection.ts';
import { connect, type Peer } from './peer.ts';

/** A client on loopback, whose connection is handed to `onConnection` in the turn in which it is accepted. */
export async function connectTo(t: ExecutionContext, onConnection: (connection: Connection) => void): Promise<Peer> {
  const server = net.createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true }, (socket) => {
    const connection = takeOver(socket);
    if (connection === undefined) return;
    t.teardown(() => connection.destroy());
    onConnection(connection);
    server.emit('taken');
  });
  server.listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const taken = once(server, 'taken');
  const peer = await connect((server.address() as net.AddressInfo).port);
  t.teardown(() => peer.socket.destroy());
  await taken;
  return peer;
}
