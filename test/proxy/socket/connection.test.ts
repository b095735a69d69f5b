import { once } from 'node:events';
import net from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { takeOver } from '../../../proxy/socket/accept.ts';
import type { Connection } from '../../../proxy/socket/connection.ts';
import { borrowCopy, copyBytes, giveBackCopy } from '../../../proxy/socket/copies.ts';

/** A connection of ours and the client at its other end, who reads nothing yet. */
async function connect(t: ExecutionContext): Promise<{ connection: Connection; client: net.Socket }> {
  const accepted = Promise.withResolvers<Connection | undefined>();
  const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) =>
    accepted.resolve(takeOver(socket)),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  client.pause();
  const connection = await accepted.promise;
  if (connection === undefined) throw new Error('the client was gone at once');
  t.teardown(() => {
    client.destroy();
    connection.destroy();
    server.close();
  });
  return { connection, client };
}

for (const length of [100, 60_000]) {
  test(`pooled buffers of ${length} bytes that a slow client leaves waiting are lent to nobody before they are written`, async (t) => {
    const { connection, client } = await connect(t);
    const count = Math.ceil(12_000_000 / length);
    let waited = false;
    for (let index = 0; index < count; index++) {
      const copy = borrowCopy(copyBytes);
      copy.fill(index % 251, 0, length);
      waited = !connection.writeCopy(copy, length) || waited;
      const spare = borrowCopy(copyBytes);
      spare.fill(255, 0, length);
      giveBackCopy(spare);
    }
    t.true(waited, 'the kernel did not take it all at once');
    connection.end();
    const pieces: Buffer[] = [];
    client.on('data', (piece: Buffer) => void pieces.push(piece));
    client.resume();
    await once(client, 'end');
    const all = Buffer.concat(pieces);
    t.is(all.length, count * length);
    t.is(
      all.findIndex((byte, at) => byte !== Math.floor(at / length) % 251),
      -1,
    );
  });
}
