import path from 'node:path';
import { parseArgs } from 'node:util';
import { heddleCommand } from '../../lab/programs.ts';
import { sidecarCandidates, sidecarFlags } from './candidates/sidecar.ts';
import { backendPorts, cores, onCore, openGround } from './ground.ts';
import { cpuMicros } from './meter.ts';
import { meshServices } from './objects.ts';
import { hostileRequests } from './programs/hostileRequests.ts';

// What a hostile request costs a sidecar in CPU, beside a normal one of its size. Needs npm run build.
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '300' },
    /** Of these kinds only. */
    kind: { type: 'string', multiple: true },
    dist: { type: 'string', default: 'dist' },
  },
});
const aim = 3;

const ground = await openGround();
const { namespace } = ground;
const { address, port } = meshServices.present.sink;
const start = (program: string, ...args: string[]) =>
  namespace.start({ command: onCore(cores.rest, heddleCommand(`test/bench/programs/${program}`, ...args)) });
try {
  await start('sink.ts', String(backendPorts.sink)).waitForLine((line) => line === 'listening', 60_000);
  const bundle = { name: 'heddle sidecar', dist: path.resolve(values.dist), flags: sidecarFlags };
  const candidate = sidecarCandidates({ ...bundle, services: meshServices.present, portOffset: 0 })('http');
  const { pid } = await candidate.start(ground);
  const cost = async (kind: string, variant: 'hostile' | 'normal'): Promise<number> => {
    const before = await cpuMicros(pid);
    await start('ask.ts', address, String(port), kind, variant, values.count).exited;
    return ((await cpuMicros(pid)) - before) / Number(values.count);
  };
  await cost('mostFields', 'normal');
  for (const kind of values.kind ?? Object.keys(hostileRequests)) {
    const [hostile, normal] = [await cost(kind, 'hostile'), await cost(kind, 'normal')];
    const ratio = hostile / normal;
    const verdict = ratio > aim ? `above the aim of ${aim}` : 'ok';
    console.log(
      `${kind}: ${hostile.toFixed(0)} µs, normal ${normal.toFixed(0)}: ${ratio.toFixed(1)} times, ${verdict}`,
    );
  }
} finally {
  await ground.close();
}
