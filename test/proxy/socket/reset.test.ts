import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { takeOver } from '../takeOver.ts';
import type { Connection } from '../../../proxy/socket/connection.ts';

for (const bytes of [0, 16_000_000]) {
  test(`a connection that is reset while its FIN waits behind ${bytes} bytes closes, with a reset`, async (t) => {
    const accepted = Promise.withResolvers<Connection | undefined>();
    const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) =>
      accepted.resolve(takeOver(socket)),
    );
    t.teardown(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    client.pause();
    const failed = Promise.withResolvers<NodeJS.ErrnoException>();
    client.on('error', failed.resolve);
    t.teardown(() => client.destroy());
    const connection = await accepted.promise;
    if (connection === undefined) throw new Error('the client was gone at once');
    if (bytes > 0) connection.writeBytes(Buffer.alloc(bytes), 0, bytes);
    connection.end();
    connection.reset();
    for (let turn = 0; turn < 1500 && !connection.closed; turn++) await sleep(20);
    t.true(connection.closed);
    client.resume();
    // A FIN with nothing before it has left at once.
    if (bytes === 0) return;
    const end = await Promise.race([failed.promise, sleep(30_000)]);
    t.is(end?.code, 'ECONNRESET');
  });
}
