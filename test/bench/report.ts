import { median } from './meter.ts';
import type { Row } from './rows.ts';
import type { Measured } from './run.ts';

const heads = ['', 'median', 'min–max', 'ratio', 'rate/s', 'busy', 'RSS idle', 'RSS load'];
const widths = [28, 9, 17, 7, 9, 6, 9, 9];

/** A row as a table; ratios are to the best of its references. */
export function printRow(row: Row, all: readonly Measured[]): void {
  const references = all.filter(({ name }) => row.reference.includes(name)).map(({ costs }) => median(costs));
  const reference = references.length === 0 ? undefined : Math.min(...references);
  console.log(`\n${row.title}: CPU of the proxy in ${row.unit}`);
  print(heads);
  for (const measured of all) {
    const cost = median(measured.costs);
    print([
      measured.name,
      cost.toFixed(1),
      `${Math.min(...measured.costs).toFixed(1)}–${Math.max(...measured.costs).toFixed(1)}`,
      reference === undefined ? '–' : (cost / reference).toFixed(2),
      rate(median(measured.rates)),
      `${(median(measured.busy) * 100).toFixed(0)}%`,
      `${measured.idleMegabytes.toFixed(1)} MB`,
      `${measured.loadMegabytes.toFixed(1)} MB`,
    ]);
  }
  const { ratio, atMost } = row.aim;
  console.log(`aim for ours: ratio ${ratio.toFixed(2)}, not done above ${atMost.toFixed(2)}`);
}

function rate(value: number): string {
  if (value > 1e8) return `${(value / 1e9).toFixed(2)}G`;
  return `${(value / 1000).toFixed(1)}k`;
}

function print(cells: readonly string[]): void {
  console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(''));
}
