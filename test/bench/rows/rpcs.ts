import { setTimeout as sleep } from 'node:timers/promises';
import type { Running } from '../candidates/candidate.ts';
import { type Bundle, sidecarCandidates } from '../candidates/sidecar.ts';
import { type BenchGround, backendPorts, openGround, podAddress } from '../ground.ts';
import { measure, median } from '../meter.ts';
import { meshServices } from '../objects.ts';
import type { Plan } from '../run.ts';
import { callEvenly } from './loads.ts';
import type { Latency } from './row.ts';

const rate = 1000;
const settleMs = 3000;
/** Of the sidecar that stands for the server's: its ports are others than those of the client's. */
const serverOffset = 2000;

type Round = Latency & { readonly client: number; readonly server: number };

/**
 * Prints what two sidecars, the client's and the server's, add to gRPC calls of which 1,000 a second are made: the same load
 * takes turns without them. They are processes of their own on one core, in one namespace.
 */
export async function runRPCs(bundle: Bundle, plan: Plan): Promise<void> {
  console.log(`\ngRPC, unary, at ${rate} RPC/s, evenly, 4 connections, 200 bytes for 1 KB, access log: latency`);
  const ground = await openGround([]);
  try {
    const { client, server } = await startBoth(ground, bundle);
    await sleep(settleMs);
    const without: Latency[] = [];
    const through: Round[] = [];
    const direct = { pid: client.pid, address: '127.0.0.1', port: backendPorts.rpc };
    for (const place of [direct, client]) await callEvenly(rate)(ground, place, 1);
    for (let round = 0; round < plan.rounds; round++) {
      without.push((await callEvenly(rate)(ground, direct, plan.seconds)).latency);
      through.push(await measureBoth(ground, { client, server }, plan.seconds));
    }
    print(without, through);
  } finally {
    await ground.close();
  }
}

async function startBoth(
  ground: BenchGround,
  bundle: Bundle,
): Promise<{ readonly client: Running; readonly server: Running }> {
  const client = await sidecarCandidates(bundle)('rpc').start(ground);
  const at = { ...bundle, portOffset: serverOffset, services: meshServices.before };
  const server = await sidecarCandidates(at)('rpc').start(ground);
  // What the client's sidecar sends to the endpoint; the server's calls it from an address that is left alone.
  await ground.redirect({ address: podAddress, port: backendPorts.rpc }, 15_006 + serverOffset);
  return { client, server };
}

async function measureBoth(
  ground: BenchGround,
  { client, server }: { readonly client: Running; readonly server: Running },
  seconds: number,
): Promise<Round> {
  const measured = await measure(server.pid, () =>
    measure(client.pid, () => callEvenly(rate)(ground, client, seconds)),
  );
  const { amount, latency } = measured.result.result;
  return { ...latency, client: measured.result.cpuMicros / amount, server: measured.cpuMicros / amount };
}

function print(without: readonly Latency[], through: readonly Round[]): void {
  const [direct, both] = [medians(without), medians(through)];
  const cpu = (of: 'client' | 'server'): string => median(through.map((round) => round[of])).toFixed(1);
  console.log(line('without a mesh', direct));
  console.log(`${line('through both sidecars', both)}; CPU ${cpu('client')} and ${cpu('server')} µs/RPC`);
  console.log(line('added', { p50: both.p50 - direct.p50, p99: both.p99 - direct.p99 }));
  console.log('aim for ours: added p50 0.3 ms, p99 1.0 ms; not done above 0.6 and 2.0');
}

function line(name: string, { p50, p99 }: Latency): string {
  return `${name.padEnd(28)}p50 ${p50.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms`;
}

function medians(rounds: readonly Latency[]): Latency {
  return { p50: median(rounds.map(({ p50 }) => p50)), p99: median(rounds.map(({ p99 }) => p99)) };
}
