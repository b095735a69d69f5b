import { styleText } from 'node:util';
import { type TestResult, failingLines } from './readOutput.ts';

/** Whether a run is good: every test that must pass did. `problems` says each that did not, in words. */
export function judge(results: readonly TestResult[], required: readonly string[]): string[] {
  const byName = new Map(results.map((result) => [result.name, result]));
  return required.flatMap((name) => {
    const outcome = byName.get(name)?.outcome;
    if (outcome === 'pass') return [];
    return [outcome === undefined ? `${name} did not run` : `${name}: ${outcome}`];
  });
}

/** The run as a table, a line per test, with the reasons below those that failed. */
export function table(results: readonly TestResult[], required: readonly string[]): string {
  const shown = results.filter(({ name, outcome }) => outcome !== 'skip' || required.includes(name));
  return shown.map(row).join('\n');
}

function row(result: TestResult): string {
  const line = `  ${result.name.padEnd(44)}${mark(result.outcome)}${`${result.seconds.toFixed(1)} s`.padStart(10)}`;
  return result.outcome === 'fail' ? [line, ...reasons(result)].join('\n') : line;
}

function reasons(result: TestResult): string[] {
  const parts = result.failedParts.map((part) => `      ✘ ${part}`);
  return [...parts, ...failingLines(result, 6).map((line) => `        ${line.slice(0, 200)}`)];
}

function mark(outcome: TestResult['outcome']): string {
  if (outcome === 'pass') return styleText('green', 'pass');
  return styleText(outcome === 'fail' ? 'red' : 'yellow', outcome);
}
