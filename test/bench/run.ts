import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Candidate, Running } from './candidates/candidate.ts';
import type { BenchGround } from './ground.ts';
import { measure, median, residentMegabytes } from './meter.ts';
import type { Row } from './rows.ts';

/** What was measured of one candidate, one value per round. */
export type Measured = {
  readonly name: string;
  readonly costs: number[];
  /** Requests or bytes per second. */
  readonly rates: number[];
  /** Share of the proxy's core that it used. */
  readonly busy: number[];
  readonly idleMegabytes: number;
  loadMegabytes: number;
};

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

/** Runs a row: every candidate once to warm up, then `rounds` times in turn, so that all see the same machine. */
export async function runRow(
  row: Row,
  ground: BenchGround,
  plan: { readonly rounds: number; readonly seconds: number },
): Promise<{ readonly measured: readonly Measured[]; readonly foreign: number }> {
  const started: { readonly candidate: Candidate; readonly running: Running; readonly measured: Measured }[] = [];
  for (const candidate of row.candidates) {
    const running = await candidate.start(ground);
    await sleep(settleMs);
    const idleMegabytes = await residentMegabytes(running.pid);
    const measured = { name: candidate.name, costs: [], rates: [], busy: [], idleMegabytes, loadMegabytes: 0 };
    started.push({ candidate, running, measured });
  }
  for (const { running } of started) await row.drive(ground, running, warmUpSeconds);
  const foreign: number[] = [];
  for (let round = 1; round <= plan.rounds; round++) {
    foreign.push(await foreignLoad());
    for (const { running, measured } of started) {
      const cost = await measure(running.pid, () => row.drive(ground, running, plan.seconds));
      measured.costs.push(row.per(cost.cpuMicros, cost.result));
      measured.rates.push(cost.result.amount / cost.seconds);
      measured.busy.push(cost.cpuMicros / 1e6 / cost.seconds);
      measured.loadMegabytes = Math.max(measured.loadMegabytes, cost.peakMegabytes);
      process.stderr.write(`\r${row.title}: round ${round} of ${plan.rounds}, ${measured.name}`.padEnd(110));
    }
  }
  process.stderr.write(`\r${''.padEnd(110)}\r`);
  return { measured: started.map(({ measured }) => measured), foreign: median(foreign) };
}
