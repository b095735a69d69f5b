import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { heddleCommand } from '../../lab/programs.ts';
import { type MemoryCgroup, megabytesOf, type MemoryUse, openMemoryCgroup } from '../memoryCgroup.ts';
import { sidecarCandidates, sidecarFlags } from './candidates/sidecar.ts';
import { backendPorts, type BenchGround, onCore, cores, openGround } from './ground.ts';
import { cpuMicros } from './meter.ts';
import { meshServices, requestPath } from './objects.ts';
import { floods } from './programs/floods.ts';

// What hostile clients make a sidecar hold, and how a neighbour is served meanwhile: a row for each kind of flood, and one
// for all of them together. Needs npm run build.
const { values } = parseArgs({
  options: {
    /** Connections of each kind. */
    clients: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '8' },
    /** Kinds with their counts instead of all: `--kind unfinishedHead=5000`. */
    kind: { type: 'string', multiple: true },
    /** All kinds, or those that are chosen, together alone. */
    together: { type: 'boolean', default: false },
    /** The folder with the bundles. */
    dist: { type: 'string', default: 'dist' },
  },
});
const seconds = Number(values.seconds);
const aim = 64;
const limitMegabytes = 256;

const kinds = values.kind ?? Object.keys(floods).map((name) => `${name}=${values.clients}`);
const together = values.kind === undefined ? [[...kinds, 'unfinishedHead=5000']] : values.together ? [kinds] : [];
const alone = values.together ? [] : kinds.map((kind) => [kind]);
for (const row of [...alone, ...together]) {
  const opened = await openMemoryCgroup(limitMegabytes * 1_048_576);
  if (!opened.ok) throw new Error(opened.problem);
  const ground = await openGround();
  try {
    await run(ground, opened.cgroup, row);
  } finally {
    await ground.close();
    await opened.cgroup.close();
  }
}

async function run(ground: BenchGround, cgroup: MemoryCgroup, row: readonly string[]): Promise<void> {
  const { namespace } = ground;
  const { stuck } = meshServices.present;
  const start = (program: string, ...args: string[]) =>
    namespace.start({ command: onCore(cores.rest, heddleCommand(`test/bench/programs/${program}`, ...args)) });
  await start('stuck.ts', String(backendPorts.stuck)).waitForLine((line) => line === 'listening', 20_000);
  const bundle = { name: 'heddle sidecar', dist: path.resolve(values.dist), flags: sidecarFlags, inside: cgroup };
  const candidate = sidecarCandidates({ ...bundle, services: meshServices.present, portOffset: 0 })('http');
  const { pid, address, port } = await candidate.start(ground);
  await sleep(4000);
  const idle = await cgroup.use();
  const cpuBefore = await cpuMicros(pid);
  const neighbour = start('neighbour.ts', String(seconds + 4), `http://${address}:${port}${requestPath}`);
  const flood = start('flood.ts', String(seconds), `${address}:${port}`, `${stuck.address}:${stuck.port}`, ...row);
  const stopWatching = cgroup.watchPeak();
  await flood.waitForLine((line) => line.startsWith('open '), seconds * 1000 + 120_000);
  await neighbour.exited;
  const peak = stopWatching();
  const killed = await cgroup.killed();
  const spent = killed > 0 ? Number.NaN : (await cpuMicros(pid)) - cpuBefore;
  await sleep(4000);
  const title = row.length > 1 ? 'all of them' : row[0];
  console.log(
    `${title}: ${above(peak, idle)} MB above ${megabytesOf(idle).toFixed(0)} (aim ${aim}; ${parts(peak, idle)}), ` +
      `${above(await cgroup.use(), idle)} later, ${killed} killed, ${(spent / 1e6).toFixed(1)} s of CPU; ` +
      `${flood.lines.at(-1)}; the neighbour: ${neighbour.lines.at(-1) ?? 'nothing'}`,
  );
}

function above(use: MemoryUse, idle: MemoryUse): string {
  return (megabytesOf(use) - megabytesOf(idle)).toFixed(0);
}

function parts(use: MemoryUse, idle: MemoryUse): string {
  const part = (name: keyof MemoryUse): string => `${name} ${((use[name] - idle[name]) / 1_048_576).toFixed(0)}`;
  return `${part('anonymous')}, ${part('kernel')}, ${part('sockets')}`;
}
