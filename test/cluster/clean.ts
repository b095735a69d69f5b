import { existsSync } from 'node:fs';
import { readFile, readdir, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nodes, runFolder, stateFolder } from './names.ts';
import { removeCgroup } from './node/cgroups.ts';
import { restoreSettings } from './node/network.ts';
import { killOwned, ownedProcesses } from './process/owned.ts';
import { waitUntil } from './process/progress.ts';
import { run, tryRun } from './process/run.ts';

/** Removes all that a cluster is or left behind: processes, mounts, namespaces, cgroups, sockets, files; not the logs. */
export async function clean(): Promise<void> {
  await killOwned();
  await restoreSettings();
  const sockets = await shimSockets();
  for (const mount of await mounts()) await tryRun(['umount', '--lazy', mount]);
  for (const { networkNamespace } of nodes) {
    if (existsSync(namespaceFile(networkNamespace))) await run(['ip', 'netns', 'del', networkNamespace]);
  }
  await waitUntil('the removal of the cgroups', 10_000, async () => {
    const left = await Promise.all(nodes.map(({ cgroup }) => removeCgroup(cgroup)));
    return left.flat().length === 0;
  });
  for (const file of [...sockets, ...(await networkResults()), ...(await logLinks())]) await rm(file, { force: true });
  await remove(runFolder);
  for (const name of await entries(stateFolder)) if (name !== 'logs') await remove(join(stateFolder, name));
}

/** Deletes what `clean` kept for reading. */
export async function removeLogs(): Promise<void> {
  await remove(stateFolder);
}

/** What of a cluster is there, in words; empty after `clean`. */
export async function leftovers(): Promise<string[]> {
  const namespaces = nodes.map(({ networkNamespace }) => namespaceFile(networkNamespace));
  const files = [...namespaces, runFolder, ...(await networkResults()), ...(await logLinks())].filter((file) =>
    existsSync(file),
  );
  const pids = await ownedProcesses();
  const state = (await entries(stateFolder)).filter((name) => name !== 'logs').map((name) => join(stateFolder, name));
  return [...pids.map((pid) => `process ${pid}`), ...(await mounts()), ...files, ...state];
}

/** A folder in which something is still mounted is not descended into. */
async function remove(folder: string): Promise<void> {
  await run(['rm', '-rf', '--one-file-system', folder]);
}

/** Mount points below our folders, the innermost first. */
async function mounts(): Promise<string[]> {
  const lines = (await readFile('/proc/self/mounts', 'utf8')).split('\n');
  const points = lines.map((line) => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '));
  return points
    .filter((point) => point.startsWith(`${stateFolder}/`) || point.startsWith(`${runFolder}/`))
    .toReversed();
}

/** containerd's helpers put their sockets into a folder of the machine; each notes its own beside its container. */
async function shimSockets(): Promise<string[]> {
  const found: string[] = [];
  for (const { runFolder: folder } of nodes) {
    const tasks = join(folder, 'containerd/io.containerd.runtime.v2.task/k8s.io');
    for (const id of await entries(tasks)) {
      const address = await readFile(join(tasks, id, 'address'), 'utf8').catch(() => '');
      if (address.startsWith('unix://')) found.push(address.slice('unix://'.length).trim());
    }
  }
  return found;
}

/** What the CNI library notes of every pod in a folder of the machine, by the names of its network and container. */
async function networkResults(): Promise<string[]> {
  const folder = '/var/lib/cni/results';
  const names = await entries(folder);
  const ids = names.flatMap((name) => {
    const network = nodes.find(({ networkNamespace }) => name.startsWith(`${networkNamespace}-`));
    return network === undefined ? [] : [name.slice(network.networkNamespace.length + 1).replace(/-eth0$/, '')];
  });
  return names.filter((name) => ids.some((id) => name.includes(id))).map((name) => join(folder, name));
}

/** The kubelet's links to the logs of containers, which always stand in this folder of the machine. */
async function logLinks(): Promise<string[]> {
  const folder = '/var/log/containers';
  const links = await Promise.all(
    (await entries(folder)).map(async (name) => {
      const target = await readlink(join(folder, name)).catch(() => '');
      return target.startsWith(`${stateFolder}/`) ? [join(folder, name)] : [];
    }),
  );
  return links.flat();
}

function entries(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function namespaceFile(name: string): string {
  return join('/run/netns', name);
}
