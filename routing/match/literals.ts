/** Plain text that everything a pattern matches as a whole has; both may be empty. */
export type Literals = {
  /** At its start. */
  readonly prefix: string;
  /** Anywhere in it. */
  readonly inside: string;
};

/**
 * Finds the plain text in an RE2 pattern, to spare running it on paths without that text. Understands enough for common
 * patterns (`^/users/[0-9]+/orders`) and gives up early rather than be wrong.
 */
export function literalsOf(pattern: string): Literals {
  if (unusual.test(pattern)) return none;
  let depth = 0;
  let run = '';
  const runs: string[] = [];
  for (const [, atom = '', literal = '', quantifier] of pattern.replace(/^\^(?=\/)/, '').matchAll(token)) {
    if (atom === '|' && depth === 0) return none;
    const certain = depth === 0 && literal !== '' && (quantifier === '' || quantifier === '+');
    if (certain) run += literal.slice(-1);
    if (certain && quantifier === '') continue;
    runs.push(run);
    run = '';
    if (atom === '(') depth += 1;
    if (atom === ')') depth -= 1;
  }
  runs.push(run);
  const longest = runs.reduce((best, one) => (one.length > best.length ? one : best), '');
  return { prefix: runs[0] ?? '', inside: longest };
}

const none: Literals = { prefix: '', inside: '' };

/** What the scan below would misread: flags, named groups, quoting, odd escapes, and `]` or classes inside a class. */
const unusual = /\\[^dDwWsSbB./$+?*()[\]{}|^-]|\[\^?\]|\[:|\(\?[^:]/;

/** One step: a literal, perhaps escaped; or a class, another escape or any character; with its quantifier. */
const token = /(([\w/~%=:@!&,;-]|\\[./$+?*()[\]{}|^-])|\[(?:\\.|[^\]\\])*\]|\\.|.)([*+?]|\{[^}]*\}|)/gs;
