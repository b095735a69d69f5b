import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import test from 'ava';
import { takeOver } from '../../../proxy/socket/accept.ts';

const nothing = (): void => undefined;

test('connections that have ended make room again under maxConnections', async (t) => {
  const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    const connection = takeOver(socket);
    if (connection === undefined) return;
    connection.receiver = { onBytes: nothing, onEnd: () => connection.end(), onDrain: nothing, onClose: nothing };
  });
  server.maxConnections = 2;
  let dropped = 0;
  server.on('drop', () => dropped++);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;

  for (let count = 0; count < 6; count++) {
    const client = net.connect(port, '127.0.0.1').resume();
    client.end();
    await once(client, 'close');
  }
  t.is(dropped, 0);

  const held = [0, 1].map(() => net.connect(port, '127.0.0.1'));
  await Promise.all(held.map((client) => once(client, 'connect')));
  const refused = net.connect(port, '127.0.0.1').resume();
  refused.on('error', () => undefined);
  await once(refused, 'close');
  t.is(dropped, 1, 'the limit holds for those that are open');

  for (const client of held) client.destroy();
  server.close();
  await once(server, 'close');
});
