import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = '/sys/fs/cgroup';

/** Makes the cgroup of a node, so that two kubelets on one machine never take each other's pods for their own. */
export async function createCgroup(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    const folder = join(hierarchy, name);
    await mkdir(folder, { recursive: true });
    // A new cpuset of version 1 is empty, and nothing can run in it.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (hierarchy === root || !existsSync(join(folder, file))) continue;
      await writeFile(join(folder, file), await readFile(join(hierarchy, file), 'utf8'));
    }
    if (hierarchy !== root) continue;
    for (const parent of [root, folder]) {
      const controllers = (await readFile(join(parent, 'cgroup.controllers'), 'utf8')).trim().split(' ');
      const all = controllers.map((controller) => `+${controller}`).join(' ');
      await writeFile(join(parent, 'cgroup.subtree_control'), all);
    }
  }
}

/** The processes in the cgroup and below. */
export async function processesIn(name: string): Promise<number[]> {
  const pids = new Set<number>();
  for (const folder of await foldersOf(name)) {
    const text = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
    for (const pid of text.split('\n')) if (pid !== '') pids.add(Number(pid));
  }
  return [...pids];
}

/** Removes the cgroup, in which no process may be left. Gives what could not be removed. */
export async function removeCgroup(name: string): Promise<string[]> {
  for (const folder of await foldersOf(name)) await rmdir(folder).catch(() => {});
  return foldersOf(name);
}

/** Every folder of the cgroup in every hierarchy, the innermost first. */
async function foldersOf(name: string): Promise<string[]> {
  const found: string[] = [];
  // Beside the trees of version 1, runc makes folders in an empty one of version 2.
  for (const hierarchy of [...(await hierarchies()), join(root, 'unified')]) {
    const top = join(hierarchy, name);
    if (!existsSync(top)) continue;
    const below = await readdir(top, { recursive: true, withFileTypes: true }).catch(() => []);
    const folders = below.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
    found.push(top, ...folders);
  }
  return found.toSorted((a, b) => b.length - a.length);
}

/** The one tree of version 2, or the trees of version 1 with one controller each. */
async function hierarchies(): Promise<string[]> {
  if (existsSync(join(root, 'cgroup.controllers'))) return [root];
  const entries = await readdir(root, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && entry.name !== 'unified').map(({ name }) => join(root, name));
}
