import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ports } from '../../../contract/ports.ts';
import { curl } from '../clients.ts';
import type { Mesh } from '../mesh.ts';
import { type Fault, allTo } from './steady.ts';

type Sample = { readonly minute: number; readonly values: ReadonlyMap<string, number> };

/**
 * What a slope may be, for each minute: noise of a heap that is collected now and then, over ten minutes. After a collection:
 * what V8 learns of the code in the first thousand changes, about 1 MB in all; 0.15 are 0.6 KB for each change, and 0.04 were seen.
 */
const allowed = { 'RSS (MB)': 0.5, 'heap (MB)': 0.5, 'after a collection (MB)': 0.15, descriptors: 0.5 } as const;
type Kind = keyof typeof allowed;

/** Routes and endpoints change four times in a second for so many minutes; the first fifth is not counted. */
export function soaked(minutes: number): Fault {
  return async (mesh) => {
    const start = performance.now();
    const minute = (): number => (performance.now() - start) / 60_000;
    const samples: Sample[] = [];
    for (let turn = 0; minute() < minutes; turn += 1) {
      await mesh.writeRoutes(allTo(turn % 4 < 2 ? 'v1' : 'v2', turn));
      if (turn % 2 === 0) await mesh.writeService({ name: 'v1', ip: 2, pods: turn % 4 === 0 ? ['v1', 'v2'] : ['v1'] });
      if (turn % 8 === 0 && minute() > minutes / 5) samples.push({ minute: minute(), values: await measure(mesh) });
      await sleep(250);
    }
    return report(samples);
  };
}

async function measure(mesh: Mesh): Promise<ReadonlyMap<string, number>> {
  const values = new Map<string, number>();
  const { pod, sidecar } = mesh.pod('client');
  for (const [name, { pid }] of [
    ['sidecar', sidecar],
    ['agent', mesh.agent],
  ] as const) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    values.set(`${name} RSS (MB)`, Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
    values.set(`${name} descriptors`, (await readdir(`/proc/${pid}/fd`)).length);
  }
  const { text } = await curl(pod, `http://127.0.0.1:${ports.metrics}/metrics`);
  const heap = /^nodejs_heap_size_used_bytes\S* (\S+)/m.exec(text)?.[1];
  values.set('sidecar heap (MB)', Number(heap) / 2 ** 20);
  const collected = mesh.agent.lines.findLast((line) => line.startsWith('collected '))?.split(' ')[1];
  values.set('agent after a collection (MB)', Number(collected) / 2 ** 20);
  return values;
}

function report(samples: readonly Sample[]): { said: string; wrong: string[] } {
  const names = [...(samples[0]?.values.keys() ?? [])];
  const slopes = names.map((name) => {
    const points = samples.map(({ minute, values }) => [minute, values.get(name) ?? Number.NaN] as const);
    const kind = (Object.keys(allowed) as Kind[]).find((key) => name.endsWith(key)) ?? 'descriptors';
    return { name, slope: slopeOf(points), limit: allowed[kind], last: points.at(-1)?.[1] ?? Number.NaN };
  });
  const print = ({ name, slope, last }: (typeof slopes)[number]): string =>
    `${name} ${last.toFixed(1)}, ${slope >= 0 ? '+' : ''}${slope.toFixed(3)} a minute`;
  return {
    said: `${samples.length} samples: ${slopes.map(print).join('; ')}`,
    // A figure that is none is no proof.
    wrong: slopes.filter(({ slope, limit }) => !(slope <= limit)).map((each) => `grows: ${print(each)}`),
  };
}

/** Of the straight line that comes nearest to the points (least squares). */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const sum = (of: (x: number, y: number) => number): number =>
    points.reduce((total, [x, y]) => total + of(x - meanX, y - meanY), 0);
  return sum((x, y) => x * y) / sum((x) => x * x);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
