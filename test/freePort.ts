import { once } from 'node:events';
import net from 'node:net';
import { threadId } from 'node:worker_threads';

// Below what Linux hands out by itself (ip_local_port_range begins at 32768), so that nobody is given a port between the
// look at it here and the start of the program that will listen there. Each of ava's threads has its own.
const [first, perThread, threads] = [16_000, 64, 250];
let given = 0;

/** A port where nobody listens, at any address of both families, and that no other test gets. */
export async function freePort(): Promise<number> {
  for (; given < perThread;) {
    const port = first + (threadId % threads) * perThread + given++;
    const server = net.createServer().listen(port);
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
  throw new Error(`all ${perThread} ports of this thread are taken`);
}
