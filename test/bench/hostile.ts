import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { heddleCommand } from '../../lab/programs.ts';
import { sidecarCandidates, sidecarFlags } from './candidates/sidecar.ts';
import { type BenchGround, onCore, cores, openGround, podAddress } from './ground.ts';
import { measure, residentMegabytes } from './meter.ts';
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
    /** The folder with the bundles. */
    dist: { type: 'string', default: 'dist' },
  },
});
const seconds = Number(values.seconds);
const stuckPort = 7000;
const aim = 64;

const kinds = values.kind ?? Object.keys(floods).map((name) => `${name}=${values.clients}`);
const together = values.kind === undefined ? [[...kinds, 'unfinishedHead=5000']] : [];
for (const row of [...kinds.map((kind) => [kind]), ...together]) {
  const ground = await openGround();
  try {
    await run(ground, row);
  } finally {
    await ground.close();
  }
}

async function run(ground: BenchGround, row: readonly string[]): Promise<void> {
  const { namespace } = ground;
  const start = (program: string, ...args: string[]) =>
    namespace.start({ command: onCore(cores.rest, heddleCommand(`test/bench/programs/${program}`, ...args)) });
  await start('stuck.ts', String(stuckPort)).waitForLine((line) => line === 'listening', 20_000);
  const bundle = { name: 'heddle sidecar', dist: path.resolve(values.dist), flags: sidecarFlags };
  const candidate = sidecarCandidates({ ...bundle, services: meshServices.present, portOffset: 0 })('http');
  const { pid, address, port } = await candidate.start(ground);
  await sleep(3000);
  const idle = await residentMegabytes(pid);
  const neighbour = start('neighbour.ts', String(seconds + 4), `http://${address}:${port}${requestPath}`);
  const flood = start('flood.ts', String(seconds), `${address}:${port}`, `${podAddress}:${stuckPort}`, ...row);
  const { peakMegabytes, cpuMicros } = await measure(pid, async () => {
    await flood.waitForLine((line) => line.startsWith('open '), seconds * 1000 + 120_000);
    await neighbour.exited;
  });
  const served = neighbour.lines.at(-1) ?? 'nothing';
  const above = peakMegabytes - idle;
  const title = row.length > 1 ? 'all of them' : row[0];
  console.log(
    `${title}: ${above.toFixed(0)} MB above ${idle.toFixed(0)} (aim ${aim}), ${(cpuMicros / 1e6).toFixed(1)} s of CPU; ` +
      `${flood.lines.at(-1)}; the neighbour: ${served}`,
  );
}
