import { styleText } from 'node:util';

let failures = 0;

/** How many expectations were not met so far. */
export function failureCount(): number {
  return failures;
}

/** A heading of the story. */
export function heading(text: string): void {
  console.log(`\n${styleText('bold', text)}`);
}

/** One line below a heading: a label in its own column, then the text. */
export function row(label: string, text: string): void {
  console.log(`  ${label.padEnd(10)} ${text}`);
}

/** A line of less importance. */
export function aside(label: string, text: string): void {
  console.log(styleText('dim', `  ${label.padEnd(10)} ${text}`));
}

/** Whether it came out as expected, as a row; the demo's exit code tells whether all did. */
export function outcome(isGood: boolean, text: string): void {
  if (!isGood) failures += 1;
  row(isGood ? styleText('green', 'ok'.padEnd(10)) : styleText('red', 'NOT OK'.padEnd(10)), text);
}
