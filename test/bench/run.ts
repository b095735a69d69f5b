import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { heddleCommand } from '../../lab/programs.ts';
import type { Candidate, Running } from './candidates/candidate.ts';
import { type BenchGround, cores, onCore } from './ground.ts';
import { measure, median, residentMegabytes } from './meter.ts';
import type { Row, Work } from './rows/row.ts';

/** What was measured of one candidate, one value per round. */
export type Measured = {
  readonly name: string;
  readonly costs: number[];
  readonly works: Work[];
  /** Requests or bytes per second. */
  readonly rates: number[];
  /** Share of the proxy's core that it used. */
  readonly busy: number[];
  readonly idleMegabytes: number;
  /** Samples of its resident memory, taken evenly while it worked. */
  readonly loadMegabytes: number[];
};

/** What was measured, by whether a noisy neighbour swept the caches meanwhile. */
export type Conditions = Readonly<Record<'quiet' | 'noisy', readonly Measured[]>>;

export type Plan = { readonly rounds: number; readonly seconds: number; readonly noise: boolean };

type Started = { readonly running: Running; readonly quiet: Measured; readonly noisy: Measured };

const warmUpSeconds = 2;
const settleMs = 3000;
const foreignSampleMs = 500;

/** Share of all cores that something else uses while the bench itself rests. */
async function foreignLoad(): Promise<number> {
  const before = totalTimes();
  await sleep(foreignSampleMs);
  const after = totalTimes();
  return (after.busy - before.busy) / Math.max(1, after.all - before.all);
}

function totalTimes(): { readonly busy: number; readonly all: number } {
  let busy = 0;
  let all = 0;
  for (const { times } of cpus()) {
    busy += times.user + times.nice + times.sys + times.irq;
    all += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { busy, all };
}

/**
 * Runs a row: every candidate once to warm up, then `rounds` times in turn, so that all see the same machine; with `noise`
 * twice in each turn.
 */
export async function runRow(
  row: Row,
  ground: BenchGround,
  plan: Plan,
): Promise<{ readonly measured: Conditions; readonly foreign: number }> {
  const started: Started[] = [];
  for (const candidate of row.candidates) {
    const one = await start(row, ground, candidate);
    if (one !== undefined) started.push(one);
  }
  for (const { running } of started) await row.drive(ground, running, warmUpSeconds);
  const foreign: number[] = [];
  for (let round = 1; round <= plan.rounds; round++) {
    foreign.push(await foreignLoad());
    for (const { running, quiet, noisy } of started) {
      process.stderr.write(`\r${row.title}: round ${round} of ${plan.rounds}, ${quiet.name}`.padEnd(140));
      const work = () => row.drive(ground, running, plan.seconds);
      await measureInto(quiet, row, { pid: running.pid, work });
      if (plan.noise) await besideNoise(ground, () => measureInto(noisy, row, { pid: running.pid, work }));
    }
  }
  process.stderr.write(`\r${''.padEnd(140)}\r`);
  const measured = { quiet: started.map(({ quiet }) => quiet), noisy: started.map(({ noisy }) => noisy) };
  return { measured, foreign: median(foreign) };
}

async function start(row: Row, ground: BenchGround, candidate: Candidate): Promise<Started | undefined> {
  const running = await candidate.start(ground);
  await sleep(settleMs);
  const refusal = await row.refuses?.(ground, running);
  if (refusal !== undefined) {
    console.log(`${candidate.name} is left out: ${refusal}`);
    return undefined;
  }
  const idleMegabytes = await residentMegabytes(running.pid);
  const nothing = (): Measured => ({
    name: candidate.name,
    costs: [],
    works: [],
    rates: [],
    busy: [],
    idleMegabytes,
    loadMegabytes: [],
  });
  return { running, quiet: nothing(), noisy: nothing() };
}

async function measureInto(
  measured: Measured,
  row: Row,
  { pid, work }: { readonly pid: number; readonly work: () => Promise<Work> },
): Promise<void> {
  const cost = await measure(pid, work);
  measured.costs.push(row.per(cost.cpuMicros, cost.result));
  measured.works.push(cost.result);
  measured.rates.push(cost.result.amount / cost.seconds);
  measured.busy.push(cost.cpuMicros / 1e6 / cost.seconds);
  measured.loadMegabytes.push(...cost.megabytes);
}

/** Runs it while a program on the other core sweeps the caches. */
async function besideNoise(ground: BenchGround, run: () => Promise<void>): Promise<void> {
  const command = onCore(cores.rest, heddleCommand('test/bench/programs/sweep.ts'));
  const sweeping = ground.namespace.start({ command });
  await sweeping.waitForLine((line) => line === 'sweeping', 20_000);
  try {
    await run();
  } finally {
    await sweeping.stop('SIGKILL');
  }
}
