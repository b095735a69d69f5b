import { RE2JS } from 're2js';
import type { Reading } from './reading.ts';

/** Whether routes can match by an expression: RE2 has no look-around and no reference to groups. */
function isRE2(expression: string): boolean {
  try {
    RE2JS.compile(expression);
    return true;
  } catch {
    return false;
  }
}

/** An expression as it is, or undefined, and told, where it is none of RE2. */
export function checkExpression(read: Reading, expression: string): string | undefined {
  if (isRE2(expression)) return expression;
  read.lost('an expression that is none of RE2, by which routes match, is left out with its match');
  return undefined;
}

/** A text as an expression that matches nothing else. */
export function literal(text: string): string {
  return text.replaceAll(/[.+*?()[\]{}|^$\\]/g, String.raw`\$&`);
}
