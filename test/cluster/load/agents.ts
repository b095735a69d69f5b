import { readFile, readdir } from 'node:fs/promises';

/** The pids of the agents that run on the nodes of the test cluster: `heddle agent` in a pod of the DaemonSet. */
export async function agentPids(): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => ((await isAgent(pid)) ? [pid] : [])));
  return found.flat();
}

async function isAgent(pid: number): Promise<boolean> {
  const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const command = (await read('cmdline')).split('\0').filter((word) => word !== '');
  if (command.slice(-2).join(' ') !== '/usr/local/bin/heddle agent') return false;
  const environment = (await read('environ')).split('\0');
  const isPod = environment.some((entry) => entry.startsWith('HEDDLE_POD_NAME=heddle-agent-'));
  return isPod && /\/heddle-node[12]\/kubepods\//.test(await read('cgroup'));
}
