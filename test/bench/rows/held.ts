import { setTimeout as sleep } from 'node:timers/promises';
import { heddleCommand } from '../../../lab/programs.ts';
import type { LabProcess } from '../../../lab/process.ts';
import { type BenchGround, cores, onCore, openGround } from '../ground.ts';
import { measure, median, residentMegabytes } from '../meter.ts';
import { requestPath } from '../objects.ts';
import type { Running } from '../candidates/candidate.ts';
import type { Plan } from '../run.ts';
import type { Ours } from './rows.ts';

/** Connections or streams that stay, and what the sidecar takes for them. */
type Held = {
  readonly title: string;
  readonly service: 'http' | 'slow' | 'http2';
  /** How many are to be held. */
  readonly count: number;
  /** The program that holds them, with what it is told between address and path. */
  readonly program: readonly [string, ...(string | number)[]];
  readonly aim: string;
};

const settleMs = 5000;
const openTimeoutMs = 180_000;

/** 10,000 keep-alive connections that have asked once and ask no more. */
export const idleConnections: Held = {
  title: '10,000 idle connections',
  service: 'http',
  count: 10_000,
  program: ['hold.ts', 10_000, 'idle'],
  aim: '10,000 held in 90 MB, not done above 130 MB',
};

/** 1,000 clients that take a response of 2 MB at 64 KB/s. */
export const slowReaders: Held = {
  title: '1,000 slow readers, 2 MB each',
  service: 'slow',
  count: 1000,
  program: ['hold.ts', 1000, 'slow'],
  aim: 'all held, in no more memory than under the HTTP/1.1 load',
};

/** 1,000 connections of HTTP/2 that have asked once and ask no more. */
export const idleHttp2: Held = {
  title: '1,000 idle HTTP/2 connections',
  service: 'http2',
  count: 1000,
  program: ['holdHttp2.ts', 1000, 0],
  aim: '1,000 held in 60 MB, not done above 90 MB',
};

/** As many streams as a client may have on one connection, begun and silent. */
export const idleStreams: Held = {
  title: '1,024 idle streams on one HTTP/2 connection, of requests that have begun',
  service: 'http2',
  count: 1024,
  program: ['holdHttp2.ts', 1, 1024],
  aim: '1,024 held in 60 MB, not done above 90 MB',
};

/** Holds them open through each of ours and prints its resident memory before, meanwhile and afterwards. */
export async function runHeld(held: Held, ours: Ours, plan: Plan): Promise<void> {
  console.log(`\n${held.title}: resident memory of the proxy`);
  const { service } = held;
  const ground = await openGround([service]);
  try {
    for (const candidate of ours(service)) {
      const running = await candidate.start(ground);
      await sleep(settleMs);
      console.log(`${candidate.name.padEnd(28)}${await runOne(held, ground, { running, plan })}`);
    }
  } finally {
    await ground.close();
  }
  console.log(`aim for ours: ${held.aim}`);
}

async function runOne(
  held: Held,
  ground: BenchGround,
  { running, plan }: { readonly running: Running; readonly plan: Plan },
): Promise<string> {
  const { pid } = running;
  const idle = await residentMegabytes(pid);
  const opening = await measure(pid, () => hold(held, ground, running));
  const client = opening.result;
  await sleep(settleMs);
  const holding = await measure(pid, () => sleep(plan.seconds * 1000));
  const left = client.lines.at(-1) ?? '';
  await client.stop('SIGKILL');
  await sleep(settleMs);
  const megabytes = {
    idle,
    held: median(holding.megabytes),
    peak: Math.max(...opening.megabytes, ...holding.megabytes),
    afterwards: await residentMegabytes(pid),
  };
  const said = Object.entries(megabytes).map(([name, value]) => `${name} ${value.toFixed(1)} MB`);
  return `${left} of ${held.count}: ${said.join(', ')}; ${(holding.cpuMicros / 10_000 / holding.seconds).toFixed(1)}% of a core meanwhile`;
}

async function hold({ program }: Held, ground: BenchGround, { address, port }: Running): Promise<LabProcess> {
  const [name, ...told] = program;
  const args = [address, port, ...told, requestPath].map(String);
  const command = onCore(cores.rest, heddleCommand(`test/bench/programs/${name}`, ...args));
  const client = ground.namespace.start({ command });
  await client.waitForLine((line) => line.startsWith('holding'), openTimeoutMs);
  return client;
}
