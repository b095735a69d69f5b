import { setTimeout as sleep } from 'node:timers/promises';
import { heddleCommand } from '../../../lab/programs.ts';
import type { LabProcess } from '../../../lab/process.ts';
import { type BenchGround, cores, onCore, openGround } from '../ground.ts';
import { measure, median, residentMegabytes } from '../meter.ts';
import { requestPath } from '../objects.ts';
import type { Running } from '../candidates/candidate.ts';
import type { Plan } from '../run.ts';
import type { Ours } from './rows.ts';

/** Connections that stay, and what the sidecar takes for them. */
type Held = {
  readonly title: string;
  readonly kind: 'idle' | 'slow';
  readonly connections: number;
  readonly aim: string;
};

const settleMs = 5000;
const openTimeoutMs = 180_000;

/** 10,000 keep-alive connections that have asked once and ask no more. */
export const idleConnections: Held = {
  title: '10,000 idle connections',
  kind: 'idle',
  connections: 10_000,
  aim: '10,000 held in 90 MB, not done above 130 MB',
};

/** 1,000 clients that take a response of 2 MB at 64 KB/s. */
export const slowReaders: Held = {
  title: '1,000 slow readers, 2 MB each',
  kind: 'slow',
  connections: 1000,
  aim: 'all held, in no more memory than under the HTTP/1.1 load',
};

/** Holds such connections open through each of ours and prints its resident memory before, meanwhile and afterwards. */
export async function runHeld(held: Held, ours: Ours, plan: Plan): Promise<void> {
  console.log(`\n${held.title}: resident memory of the proxy`);
  const service = held.kind === 'slow' ? 'slow' : 'http';
  const ground = await openGround(['http', 'slow']);
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
  return `${left} of ${held.connections}: ${said.join(', ')}; ${(holding.cpuMicros / 10_000 / holding.seconds).toFixed(1)}% of a core meanwhile`;
}

async function hold({ kind, connections }: Held, ground: BenchGround, { address, port }: Running): Promise<LabProcess> {
  const args = [address, port, connections, kind, requestPath].map(String);
  const command = onCore(cores.rest, heddleCommand('test/bench/programs/hold.ts', ...args));
  const client = ground.namespace.start({ command });
  await client.waitForLine((line) => line.startsWith('holding'), openTimeoutMs);
  return client;
}
