import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { takeOver } from '../takeOver.ts';
import type { Connection, Receiver } from '../../../proxy/socket/connection.ts';
import { borrowCopy, copyBytes, giveBackCopy } from '../../../proxy/socket/copies.ts';

const ignored: Receiver = {
  onBytes: () => undefined,
  onEnd: () => undefined,
  onDrain: () => undefined,
  onClose: () => undefined,
};

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

const later: Readonly<Record<string, (connection: Connection) => boolean>> = {
  text: (connection) => connection.writeText('later'),
  'borrowed bytes': (connection) => connection.writeBytes(Buffer.from('later'), 0, 5),
  'a pooled buffer': (connection) => connection.writeCopy(Buffer.from('later'), 5),
};
for (const [what, write] of Object.entries(later)) {
  test(`who was told to wait hears when there is room again, though ${what} was written since`, async (t) => {
    const { connection, client } = await connect(t);
    const drains: number[] = [];
    connection.receiver = { ...ignored, onDrain: () => drains.push(connection.unsent) };
    while (connection.writeCopy(borrowCopy(copyBytes), 60_000));
    t.true(connection.full);
    t.false(write(connection), 'what waits keeps it full, however little is added');
    t.true(connection.full);
    client.resume();
    for (let turn = 0; turn < 1500 && drains.length === 0; turn++) await sleep(20);
    t.deepEqual(drains, [0], 'once, when nothing waits');
    t.false(connection.full);
  });
}

test('bytes that go into an empty socket at once leave room', async (t) => {
  const { connection, client } = await connect(t);
  client.resume();
  let drains = 0;
  connection.receiver = { ...ignored, onDrain: () => drains++ };
  t.true(connection.writeBytes(Buffer.alloc(copyBytes), 0, copyBytes));
  t.true(connection.writeText('more'));
  t.false(connection.full);
  await sleep(50);
  t.is(drains, 0, 'nobody was told to wait');
});
