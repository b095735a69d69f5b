import { createServer } from 'node:net';
import { once } from 'node:events';
import { say, waitUntil } from './progress.ts';

/**
 * Does something that no other process does meanwhile. The lock is a socket without a file, which the kernel takes
 * back when its owner ends, however it ends.
 */
export async function alone<Result>(name: string, act: () => Promise<Result>): Promise<Result> {
  const server = createServer();
  let told = false;
  await waitUntil(
    `the end of another process that holds ${name}`,
    3_600_000,
    async () => {
      server.listen(`\0${name}`);
      const [error] = (await Promise.race([
        once(server, 'listening'),
        once(server, 'error').catch((cause: unknown) => [cause]),
      ])) as [unknown?];
      if (error === undefined) return true;
      if (!told) say('waiting', 'another process brings the cluster up or down');
      told = true;
      return false;
    },
    300,
  );
  try {
    return await act();
  } finally {
    server.close();
  }
}
