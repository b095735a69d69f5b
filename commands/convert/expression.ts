import { checkRegularExpression } from '../../routing/match/regularExpression.ts';
import type { Reading } from './reading.ts';

/** An expression as it is, or undefined, and told, where routes cannot match by it: it is none of RE2, or too large. */
export function checkExpression(read: Reading, expression: string): string | undefined {
  const wrong = checkRegularExpression(expression);
  if (wrong === undefined) return expression;
  read.lost(`an expression by which no route matches is left out with its match: ${wrong}`);
  return undefined;
}

/** A text as an expression that matches nothing else. */
export function literal(text: string): string {
  return text.replaceAll(/[.+*?()[\]{}|^$\\]/g, String.raw`\$&`);
}
