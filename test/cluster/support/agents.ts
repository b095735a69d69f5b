import { readFile, readdir } from 'node:fs/promises';
import { nodeExec } from '../cluster.ts';
import { kubectl, waitForRollout } from '../kubectl.ts';
import { waitUntil } from '../process/progress.ts';
import { addressesOf, type Pod, podsOf } from './pods.ts';

type NodeName = 'node1' | 'node2';
const label = 'heddle.test/agent';

/** Lets agents run on these nodes only, and waits until it is so. */
export async function keepAgentsOn(...names: readonly NodeName[]): Promise<void> {
  for (const name of ['node1', 'node2'] as const) {
    await kubectl('label', 'node', name, '--overwrite', `${label}=${names.includes(name) ? 'yes' : 'no'}`);
  }
  await select('yes');
  await waitForAgents(names.length);
}

/** Undoes `keepAgentsOn`, and waits until an agent runs on each node. */
export async function letAgentsRun(): Promise<void> {
  await select(null);
  await kubectl('label', 'node', 'node1', 'node2', `${label}-`);
  await waitForAgents(2);
}

async function select(value: string | null): Promise<void> {
  const patch = { spec: { template: { spec: { nodeSelector: { [label]: value } } } } };
  const words = ['patch', 'daemonset', 'heddle-agent', '--type=merge', '-p', JSON.stringify(patch)];
  await kubectl('-n', 'heddle-system', ...words);
}

async function waitForAgents(count: number): Promise<void> {
  await waitForRollout('heddle-system', ['daemonset/heddle-agent']);
  await waitUntil(`${count} agents`, 120_000, async () => (await agents()).length === count, 300);
}

/** The agents that there are, also those that are just ending. */
function agents(): Promise<readonly Pod[]> {
  return podsOf('heddle-system', 'app.kubernetes.io/name=heddle-agent');
}

/**
 * The nodes of the agents that a pod of the first node has a connection to, as the kernel of the node tracks them: the
 * pod itself sees the address of the Service only.
 */
export async function agentsOf(podAddresses: readonly string[]): Promise<string[]> {
  const all = await agents();
  const tables = await Promise.all(
    ['ipv4', 'ipv6'].map((family) => {
      return nodeExec('node1', ['conntrack', '-L', '-f', family, '-p', 'tcp', '--orig-port-dst', '15010']);
    }),
  );
  const established = tables
    .join('')
    .split('\n')
    .filter((line) => line.includes(' ESTABLISHED '));
  return established.flatMap((line) => {
    const [client = '', agent = ''] = Array.from(line.matchAll(/ src=(\S+)/g), ([, address]) => address);
    const found = all.find((pod) => addressesOf(pod).includes(agent));
    return podAddresses.includes(client) && found !== undefined ? [found.spec.nodeName] : [];
  });
}

/** The pids of the agents that run on the nodes of the test cluster: the bundle, which `heddle agent` begins, in a pod of the DaemonSet. */
export async function agentPids(): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => ((await isAgent(pid)) ? [pid] : [])));
  return found.flat();
}

async function isAgent(pid: number): Promise<boolean> {
  const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const command = (await read('cmdline')).split('\0').filter((word) => word !== '');
  if (command.at(-1) !== '/usr/local/lib/heddle/agent.mjs') return false;
  const environment = (await read('environ')).split('\0');
  const isPod = environment.some((entry) => entry.startsWith('HEDDLE_POD_NAME=heddle-agent-'));
  return isPod && /\/heddle-node[12]\/kubepods\//.test(await read('cgroup'));
}
