import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { takeOver } from '../takeOver.ts';
import type { Connection } from '../../../proxy/socket/connection.ts';
import { borrowPipe, giveBackPipe, type Pipe } from '../../../proxy/socket/pipes.ts';
import { Half } from '../../../proxy/tcp/half.ts';

const megabyte = 1_048_576;
// Processes of their own, so that they send and read while a turn of ours lasts.
const send = 's.on("connect", function go() { while (s.write(block)); s.once("drain", go); })';
const receive = 's.resume()';

/** Halves between a process that sends as fast as it can and one that reads as fast as it can. */
async function startBulk(t: ExecutionContext): Promise<{ from: Connection; half: Half }> {
  const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true });
  t.teardown(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const accept = async (does: string): Promise<Connection> => {
    const { port } = server.address() as net.AddressInfo;
    const block = `const block = Buffer.alloc(${megabyte}); const onread = { buffer: block, callback: () => true };`;
    const script = `${block} const s = net.connect({ port: ${port}, host: "127.0.0.1", onread }); s.on("error", () => {}); ${does}`;
    const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
    t.teardown(() => child.kill('SIGKILL'));
    const [socket] = (await once(server, 'connection')) as [net.Socket];
    const connection = takeOver(socket);
    if (connection === undefined) throw new Error('the child was gone at once');
    t.teardown(async () => {
      connection.destroy();
      // Its pipe is given back then, and is none of the next test's.
      while (!connection.closed) await sleep(5);
    });
    connection.pause();
    return connection;
  };
  const to = await accept(receive);
  const from = await accept(send);
  const events = {
    onProgress: () => undefined,
    onEnd: () => undefined,
    onWriteError: () => undefined,
    onClose: () => undefined,
  };
  const half = new Half(from, to, events);
  half.peer = new Half(to, from, events);
  half.peer.peer = half;
  return { from, half };
}

test.serial('a bulk transfer leaves a turn of the loop to the others after some megabytes', async (t) => {
  const { from, half } = await startBulk(t);
  let [before, most, running] = [0, 0, true];
  const look = (): void => {
    most = Math.max(most, half.bytes - before);
    before = half.bytes;
    if (running) setImmediate(look);
  };
  look();
  from.resume();
  for (let turn = 0; turn < 4000 && half.bytes < 512 * megabyte; turn++) await sleep(20);
  running = false;
  t.true(half.bytes >= 512 * megabyte, `${half.bytes} bytes passed`);
  // Two turns of 4 MB now and then; without an end to a turn it is 100 to 400 MB.
  t.true(most < 24 * megabyte, `${most} bytes in one turn`);
});

test.serial('a bulk transfer without a pipe reads all that fits into a buffer', async (t) => {
  const held: Pipe[] = [];
  for (let pipe = borrowPipe(); pipe !== undefined; pipe = borrowPipe()) held.push(pipe);
  t.teardown(() => {
    for (const pipe of held) giveBackPipe(pipe);
  });
  const { from, half } = await startBulk(t);
  const lengths = new Set<number>();
  const onBytes = half.onBytes.bind(half);
  half.onBytes = (buffer, length) => {
    lengths.add(buffer.length);
    onBytes(buffer, length);
  };
  from.resume();
  for (let turn = 0; turn < 4000 && half.bytes < 64 * megabyte; turn++) await sleep(20);
  t.true(half.bytes >= 64 * megabyte, `${half.bytes} bytes passed`);
  t.deepEqual([...lengths], [65_536]);
});
