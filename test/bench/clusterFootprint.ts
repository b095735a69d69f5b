import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { deploy, deployment, service, servingOn } from '../cluster/support/app.ts';
import { freshName, makeNamespace, removeNamespaces } from '../cluster/support/namespace.ts';
import { startSteady } from '../cluster/support/steady.ts';

/**
 * Memory and CPU of agents, injectors and sidecars on the test cluster, at rest and under a steady load, from /proc. An
 * application of three replicas and one client; started by `npm run bench:footprint` where Heddle is installed.
 */
const { values: options } = parseArgs({
  options: { rate: { type: 'string', default: '600' }, seconds: { type: 'string', default: '20' } },
});
const namespace = freshName('footprint');
const perSecond = Number(options.rate);
try {
  await makeNamespace(namespace);
  await deploy([deployment(namespace, 'web', servingOn(0), 3), service(namespace, 'web')]);
  // What starting cost is over.
  await sleep(10_000);
  await report('at rest');
  const load = await startSteady({ namespace, name: 'client', perSecond, targets: [`GET=http://web.${namespace}/`] });
  await sleep(5000);
  await report(`${perSecond} requests/s`);
  const { summary, failures } = await load.stop();
  console.log(`slowest answer ${summary.slowestMs} ms, ${failures.length} failed`);
} finally {
  await removeNamespaces(namespace);
}

type Sample = { readonly pid: number; readonly role: string; readonly pod: string; readonly cpuSeconds: number };

async function report(title: string): Promise<void> {
  const before = await samples();
  const startedAt = performance.now();
  await sleep(Number(options.seconds) * 1000);
  const after = await samples();
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`\n${title}\nrole\tpod\tRSS MB\tPSS MB\tCPU % of a core`);
  for (const { pid, role, pod, cpuSeconds } of after) {
    const was = before.find((sample) => sample.pid === pid);
    if (was === undefined) continue;
    const { rss, pss } = await memoryOf(pid);
    const percent = ((cpuSeconds - was.cpuSeconds) / seconds) * 100;
    console.log([role, pod, rss.toFixed(1), pss.toFixed(1), percent.toFixed(2)].join('\t'));
  }
}

async function samples(): Promise<readonly Sample[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(sampleOf));
  return found.flat().toSorted((a, b) => a.role.localeCompare(b.role) || a.pod.localeCompare(b.pod));
}

/** Of Heddle's own pods, and of the sidecars of this namespace. */
async function sampleOf(pid: number): Promise<readonly Sample[]> {
  // The sidecar's own Node options make it a process of its bundle, the others run in the dispatcher's.
  const program = /\/(?:\S*heddle\0)?(agent|injector|sidecar)(?:\.mjs)?\0/.exec(await read(pid, 'cmdline'));
  const role = program?.[1] ?? '';
  if (role === '' || !/\/heddle-node[12]\//.test(await read(pid, 'cgroup'))) return [];
  const environment = (await read(pid, 'environ')).split('\0');
  const value = (name: string): string =>
    environment.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
  if (role === 'sidecar' && value('HEDDLE_POD_NAMESPACE') !== namespace) return [];
  const stat = await read(pid, 'stat');
  // User and system time in ticks of 10 ms; the name before them may hold blanks.
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return [{ pid, role, pod: value('HEDDLE_POD_NAME') || value('HOSTNAME'), cpuSeconds: (user + system) / 100 }];
}

/** Megabytes: all that is resident, and with pages that processes share divided among them. */
async function memoryOf(pid: number): Promise<{ readonly rss: number; readonly pss: number }> {
  const text = await read(pid, 'smaps_rollup');
  const megabytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1024;
  return { rss: megabytes('Rss'), pss: megabytes('Pss') };
}

function read(pid: number, file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
}
