import { setTimeout as sleep } from 'node:timers/promises';
import { type Bundle, sidecarCandidates } from '../candidates/sidecar.ts';
import { openGround } from '../ground.ts';
import { measure, median, residentMegabytes } from '../meter.ts';
import { type ServiceAt, serviceObjects, yaml } from '../objects.ts';
import type { Plan } from '../run.ts';
import { askWith } from './loads.ts';

const used = 20;
const sizes = [10, 10_000] as const;
const settleMs = 5000;
/** Of load on each of them. */
const secondsEach = 1;

type Memory = Readonly<Record<'used' | 'load' | 'peak', number>>;

/** Prints what a sidecar takes that uses 20 Services, with 10 and with 10,000 others in the mesh; anew in each round. */
export async function runMeshSize(bundle: Bundle, plan: Plan): Promise<void> {
  const rounds = sizes.map((others) => ({ others, taken: [] as Memory[] }));
  for (let round = 0; round < plan.rounds; round++) {
    for (const { others, taken } of rounds) taken.push(await runOne(bundle, others));
  }
  console.log(`\n${used} Services used: resident memory of the proxy`);
  const loads = rounds.map(({ others, taken }) => {
    const of = (name: keyof Memory): number => median(taken.map((memory) => memory[name]));
    const said = `loaded ${of('load').toFixed(1)} MB, peak ${of('peak').toFixed(1)} MB, at rest then ${of('used').toFixed(1)} MB`;
    console.log(`${`beside ${others} others`.padEnd(28)}${said}`);
    return { load: of('load'), used: of('used') };
  });
  const percent = (name: 'load' | 'used'): string =>
    (((loads[1]?.[name] ?? Number.NaN) / (loads[0]?.[name] ?? Number.NaN) - 1) * 100).toFixed(1);
  console.log(`difference: loaded ${percent('load')}%, at rest ${percent('used')}%`);
  console.log('aim for ours: equal within 5%, not done above 10%');
}

async function runOne(bundle: Bundle, others: number): Promise<Memory> {
  const ground = await openGround(['http']);
  try {
    const { pid } = await sidecarCandidates({ ...bundle, more: objects(others) })('http').start(ground);
    await sleep(settleMs);
    const ask = askWith({ connections: 16 });
    const loaded = await measure(pid, async () => {
      for (const at of places(used)) await ask(ground, { pid, ...at }, secondsEach);
    });
    await sleep(settleMs);
    return { load: median(loaded.megabytes), peak: Math.max(...loaded.megabytes), used: await residentMegabytes(pid) };
  } finally {
    await ground.close();
  }
}

function objects(others: number): string {
  return yaml(places(used + others).flatMap((at, index) => serviceObjects(`svc-${index}`, at, 'http')));
}

function places(count: number): ServiceAt[] {
  return Array.from({ length: count }, (_, index) => ({ address: `10.97.${index >> 8}.${index & 255}`, port: 80 }));
}
