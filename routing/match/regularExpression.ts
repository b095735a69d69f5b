import { RE2JS } from 're2js';

/** A compiled pattern; `testExact` says whether it matches the whole text, in time linear in the text. */
export type RegularExpression = { testExact(text: string): boolean };

type Compiled =
  | { readonly ok: true; readonly expression: RegularExpression }
  | { readonly ok: false; readonly message: string };

/** The Gateway API's own limit for a path. */
const maxPatternLength = 1024;
/** Matching takes at most this many steps per character. Only repeat counts make a program longer than its pattern. */
const maxProgramSize = 1100;

/**
 * Compiles an RE2 pattern (https://github.com/google/re2/wiki/Syntax). It must match the whole path, header or query
 * value, as in Envoy; the Gateway API leaves this to the implementation.
 */
export function compileRegularExpression(pattern: string): Compiled {
  if (pattern.length > maxPatternLength) {
    return {
      ok: false,
      message: `it has ${pattern.length} characters; use at most ${maxPatternLength}, or split it into several matches`,
    };
  }
  try {
    const expression = RE2JS.compile(pattern);
    const size = expression.programSize();
    if (size <= maxProgramSize) return { ok: true, expression };
    return {
      ok: false,
      message: `it compiles to ${size} instructions, more than ${maxProgramSize}; use smaller repeat counts`,
    };
  } catch (error) {
    return { ok: false, message: `${reasonOf(error)}; use RE2 syntax (https://github.com/google/re2/wiki/Syntax)` };
  }
}

/** What is wrong with a pattern and what to do about it; `undefined` when it is good. */
export function checkRegularExpression(pattern: string): string | undefined {
  const compiled = compileRegularExpression(pattern);
  return compiled.ok ? undefined : compiled.message;
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^error parsing regexp: /, '').slice(0, 200);
}
