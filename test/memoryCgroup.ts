import { access, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabProcess } from '../lab/process.ts';

/** What the processes of a cgroup make the kernel hold, in bytes. Files that it merely caches are in none of these. */
export type MemoryUse = {
  /** Pages of the processes. */
  readonly anonymous: number;
  /** Sockets, descriptors, page tables and the like. */
  readonly kernel: number;
  /** What lies in the buffers of TCP sockets. */
  readonly sockets: number;
};

/** A cgroup with a limit of memory and without swap, as a container has one. */
export type MemoryCgroup = {
  /** The command line of a program that waits until it has been added. */
  readonly waitInside: (command: readonly string[]) => string[];
  readonly add: (process: Pick<LabProcess, 'pid'>) => Promise<void>;
  readonly use: () => Promise<MemoryUse>;
  /** How many processes of it were killed for want of memory. */
  readonly killed: () => Promise<number>;
  /** Looks every 50 ms what it holds; the returned function stops that, and gives the look at which it was most. */
  readonly watchPeak: () => () => MemoryUse;
  /** Removes it, once its processes have ended. */
  readonly close: () => Promise<void>;
};

type Version = {
  readonly root: string;
  readonly prepare: (folder: string, limitBytes: number) => Promise<void>;
  readonly use: (folder: string) => Promise<MemoryUse>;
  readonly killed: (folder: string) => Promise<number>;
};

const one: Version = {
  root: '/sys/fs/cgroup/memory',
  async prepare(folder, limitBytes) {
    await put(folder, 'memory.limit_in_bytes', limitBytes);
    // Missing where swap is not counted; then there is mostly none.
    await put(folder, 'memory.memsw.limit_in_bytes', limitBytes).catch(() => undefined);
    // Only where there is a limit are they counted at all.
    await put(folder, 'memory.kmem.tcp.limit_in_bytes', limitBytes);
  },
  async use(folder) {
    const anonymous = await find(folder, 'memory.stat', 'rss');
    const kernel = Number(await text(folder, 'memory.kmem.usage_in_bytes'));
    return { anonymous, kernel, sockets: Number(await text(folder, 'memory.kmem.tcp.usage_in_bytes')) };
  },
  killed: (folder) => find(folder, 'memory.oom_control', 'oom_kill'),
};

const two: Version = {
  root: '/sys/fs/cgroup',
  async prepare(folder, limitBytes) {
    await put(folder, 'memory.max', limitBytes);
    await put(folder, 'memory.swap.max', 0).catch(() => undefined);
  },
  use: async (folder) => ({
    anonymous: await find(folder, 'memory.stat', 'anon'),
    kernel: await find(folder, 'memory.stat', 'kernel'),
    sockets: await find(folder, 'memory.stat', 'sock'),
  }),
  killed: (folder) => find(folder, 'memory.events', 'oom_kill'),
};

/** Makes one of either version of cgroups; `problem`: why this machine lets us have none. */
export async function openMemoryCgroup(
  limitBytes: number,
): Promise<{ readonly ok: true; readonly cgroup: MemoryCgroup } | { readonly ok: false; readonly problem: string }> {
  const isFirst = await exists(path.join(one.root, 'memory.limit_in_bytes'));
  const version = isFirst ? one : two;
  const name = `heddle-memory-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const folder = path.join(version.root, name);
  try {
    if (!isFirst) await put(version.root, 'cgroup.subtree_control', '+memory');
    await mkdir(folder);
  } catch (error) {
    return { ok: false, problem: `no cgroup can be made below ${version.root}: ${String(error)}` };
  }
  const close = async (): Promise<void> => {
    for (let tries = 0; tries < 250 && (await text(folder, 'cgroup.procs')) !== ''; tries++) await sleep(20);
    await rmdir(folder);
  };
  try {
    await version.prepare(folder, limitBytes);
  } catch (error) {
    await close();
    return { ok: false, problem: `its memory cannot be limited: ${String(error)}` };
  }
  const untilInside = 'until grep -q "$0" /proc/$$/cgroup; do sleep 0.02; done; exec "$@"';
  const cgroup: MemoryCgroup = {
    waitInside: (command) => ['sh', '-c', untilInside, name, ...command],
    add: ({ pid }) => put(folder, 'cgroup.procs', pid),
    use: () => version.use(folder),
    killed: () => version.killed(folder),
    watchPeak: () => watchPeak(() => version.use(folder)),
    close,
  };
  return { ok: true, cgroup };
}

function watchPeak(use: () => Promise<MemoryUse>): () => MemoryUse {
  let peak: MemoryUse = { anonymous: 0, kernel: 0, sockets: 0 };
  const look = async (): Promise<void> => {
    const now = await use();
    if (megabytesOf(now) > megabytesOf(peak)) peak = now;
  };
  const timer = setInterval(() => void look(), 50);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

/** All of it, in MB (2^20 bytes). */
export function megabytesOf({ anonymous, kernel, sockets }: MemoryUse): number {
  return (anonymous + kernel + sockets) / 1_048_576;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function text(folder: string, file: string): Promise<string> {
  return (await readFile(path.join(folder, file), 'utf8')).trim();
}

async function put(folder: string, file: string, value: string | number): Promise<void> {
  await writeFile(path.join(folder, file), `${value}`);
}

async function find(folder: string, file: string, name: string): Promise<number> {
  const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(await text(folder, file))?.[1];
  if (found === undefined) throw new Error(`${file} of ${folder} does not tell ${name}`);
  return Number(found);
}
