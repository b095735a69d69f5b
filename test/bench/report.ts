import { median } from './meter.ts';
import type { Row } from './rows/row.ts';
import type { Measured } from './run.ts';

const heads = ['', 'median', 'min–max', '', 'rate/s', 'busy', 'RSS idle', 'load', 'peak'];
const widths = [28, 9, 17, 12, 9, 6, 10, 10, 10];

/** A row as a table; each is compared with the least of the references. `condition`: what was around it. */
export function printRow(row: Row, all: readonly Measured[], condition = ''): void {
  const references = all.filter(({ name }) => row.reference.includes(name)).map(({ costs }) => median(costs));
  const reference = references.length === 0 ? undefined : Math.min(...references);
  console.log(`\n${row.title}${condition}: CPU of the proxy in ${row.unit}`);
  print(heads.with(3, row.compare));
  for (const measured of all) {
    const cost = median(measured.costs);
    print([
      measured.name,
      cost.toFixed(1),
      `${Math.min(...measured.costs).toFixed(1)}–${Math.max(...measured.costs).toFixed(1)}`,
      compared(row, cost, reference),
      rate(median(measured.rates)),
      `${(median(measured.busy) * 100).toFixed(0)}%`,
      `${measured.idleMegabytes.toFixed(1)} MB`,
      `${median(measured.loadMegabytes).toFixed(1)} MB`,
      `${Math.max(...measured.loadMegabytes).toFixed(1)} MB`,
    ]);
  }
  for (const measured of all) printLatency(measured);
  console.log(`aim for ours: ${row.aim}`);
}

function compared({ compare }: Row, cost: number, reference: number | undefined): string {
  if (reference === undefined) return '–';
  return compare === 'ratio'
    ? (cost / reference).toFixed(2)
    : `${cost < reference ? '' : '+'}${(cost - reference).toFixed(1)}`;
}

/** Medians over the rounds, in ms, where requests were timed. */
function printLatency({ name, works }: Measured): void {
  const timed = works.flatMap(({ latency }) => latency ?? []);
  if (timed.length === 0) return;
  const of = (share: 'p50' | 'p99'): string => {
    const values = timed.map((latency) => latency[share]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return `${share} ${median(values).toFixed(3)} ms (${least.toFixed(3)}–${most.toFixed(3)})`;
  };
  console.log(`${name.padEnd(widths[0] ?? 0)}${of('p50')}, ${of('p99')}`);
}

function rate(value: number): string {
  if (value > 1e8) return `${(value / 1e9).toFixed(2)}G`;
  return `${(value / 1000).toFixed(1)}k`;
}

function print(cells: readonly string[]): void {
  console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(''));
}
