import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { LastWords } from '../../../proxy/http1/lastWords.ts';
import { clock } from '../../../proxy/socket/clock.ts';
import { takeOver } from '../takeOver.ts';
import type { Connection } from '../../../proxy/socket/connection.ts';

const size = 24_000_000;

/** A connection that has ended behind `size` bytes, and its client, which reads nothing yet. */
async function ended(t: ExecutionContext): Promise<{ connection: Connection; client: net.Socket }> {
  const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  client.pause();
  t.teardown(() => client.destroy());
  const [accepted] = (await once(server, 'connection')) as [net.Socket];
  const connection = takeOver(accepted);
  if (connection === undefined) throw new Error('the client has gone');
  t.teardown(() => connection.destroy());
  connection.writeText('x'.repeat(size));
  connection.end();
  await sleep(200);
  return { connection, client };
}

test('a client that still reads gets everything, then the connection ends', async (t) => {
  const { connection, client } = await ended(t);
  const words = new LastWords(60_000);
  t.true(words.await(connection) > clock.ms);
  t.true(words.await(connection) > clock.ms);
  let got = 0;
  client.on('data', (data) => (got += data.length));
  client.resume();
  await once(client, 'end');
  t.is(got, size);
  client.end();
  for (let turn = 0; turn < 3000 && words.await(connection) !== Infinity; turn++) await sleep(10);
  t.is(words.await(connection), Infinity);
});

// Serial, since the clock is everybody's.
test.serial('a client that takes nothing for too long is reset', async (t) => {
  const { connection, client } = await ended(t);
  const words = new LastWords(100);
  t.true(words.await(connection) > clock.ms);
  clock.ms = performance.now() + 200;
  t.is(words.await(connection), Infinity);
  client.resume();
  const error = await t.throwsAsync(once(client, 'end'));
  t.regex(String(error), /ECONNRESET/);
});
