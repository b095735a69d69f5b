import { columns } from '../output/columns.ts';
import { style } from '../output/style.ts';
import type { Finding, Level } from './finding.ts';

const levels = {
  good: style.good,
  warning: style.head,
  bad: style.bad,
} as const satisfies Record<Level, (text: string) => string>;

/** Findings for people: a line each, below it why, and what mends it. */
export function renderFindings(findings: readonly Finding[]): readonly string[] {
  const rows = findings.flatMap(({ check, level, what, why, mend = [] }) => [
    [levels[level](level), check, what],
    ...(why === undefined || why === '' ? [] : [['', '', why]]),
    ...mend.map((one) => ['', '', /^(?:kubectl|heddle) /.test(one) ? `$ ${one}` : one]),
  ]);
  const number = (level: Level): number => findings.filter((one) => one.level === level).length;
  const warnings = number('warning') === 1 ? '1 warning' : `${number('warning')} warnings`;
  return [...columns(rows), '', `${number('bad')} bad, ${warnings}, ${number('good')} good.`];
}
