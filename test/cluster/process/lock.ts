import { type Server, createServer } from 'node:net';
import { say, waitUntil } from './progress.ts';

const name = 'heddle-test-cluster';

/**
 * Does something with the one cluster of this machine while no other process, of whatever clone, brings it up or down
 * or runs tests on it. The lock is a socket without a file, which the kernel takes back when its owner ends, however
 * it ends.
 */
export async function alone<Result>(act: () => Promise<Result>): Promise<Result> {
  const server = await lock();
  try {
    return await act();
  } finally {
    server.close();
  }
}

async function lock(): Promise<Server> {
  let held = await tryLock();
  if (held !== undefined) return held;
  say('waiting', 'for another process that brings the cluster up or down, or runs tests on it');
  const taken = async (): Promise<boolean> => (held = await tryLock()) !== undefined;
  await waitUntil('the end of the other process’s work on the cluster', 3_600_000, taken, 300);
  if (held === undefined) throw new Error('the lock of the cluster is lost');
  return held;
}

function tryLock(): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(`\0${name}`, () => resolve(server));
  });
}
