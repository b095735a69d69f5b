import { readFile, readdir } from 'node:fs/promises';
import { marker, nodes } from '../names.ts';
import { processesIn } from '../node/cgroups.ts';
import { waitUntil } from './progress.ts';

/** Every process of the cluster, whoever started it: those that carry its mark, and those in its nodes' cgroups. */
export async function ownedProcesses(): Promise<number[]> {
  const contained = await Promise.all(nodes.map(({ cgroup }) => processesIn(cgroup)));
  return [...new Set([...(await marked()), ...contained.flat()])];
}

/** Ends every process of the cluster at once: all that it holds is thrown away. */
export async function killOwned(): Promise<void> {
  await waitUntil(
    'the end of the cluster’s processes',
    20_000,
    async () => {
      const pids = await ownedProcesses();
      for (const pid of pids) kill(pid);
      return pids.length === 0;
    },
    50,
  );
}

async function marked(): Promise<number[]> {
  const words = `${marker.name}=${marker.value}`;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      return environment.split('\0').includes(words) ? [pid] : [];
    }),
  );
  return found.flat().filter((pid) => pid !== process.pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
