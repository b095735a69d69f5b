/**
 * Text that everything this RE2 pattern matches as a whole starts with, perhaps empty: it spares running the pattern.
 * Understands enough for common patterns (`^/users/[0-9]+`), and gives up early rather than be wrong.
 */
export function literalPrefix(pattern: string): string {
  if (hasOuterAlternative(pattern)) return '';
  const start = pattern.startsWith('^/') ? 1 : 0;
  let prefix = '';
  for (let position = start; position < pattern.length;) {
    const length = literalLength(pattern, position);
    if (length === 0 || '*?{'.includes(pattern.charAt(position + length) || ' ')) return prefix;
    prefix += pattern.charAt(position + length - 1);
    position += length;
    if (pattern.charAt(position) === '+') return prefix;
  }
  return prefix;
}

/** Length of the literal character at a position: 1, 2 when escaped, 0 when something else is there. */
function literalLength(pattern: string, position: number): 0 | 1 | 2 {
  const character = pattern.charAt(position);
  if (/^[\w/~%=:@!&,;-]$/.test(character)) return 1;
  return character === '\\' && /^[./$+?*()[\]{}|^-]$/.test(pattern.charAt(position + 1)) ? 2 : 0;
}

/** Whether a `|` stands outside all groups; also said when it may, as after `\Q` or in an unusual class. */
function hasOuterAlternative(pattern: string): boolean {
  if (/\\Q|\[\^?\]|\[:/.test(pattern)) return pattern.includes('|');
  let depth = 0;
  let inClass = false;
  for (let position = 0; position < pattern.length; position += 1) {
    const character = pattern.charAt(position);
    if (character === '\\') position += 1;
    else if (inClass) inClass = character !== ']';
    else if (character === '[') inClass = true;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === '|' && depth === 0) return true;
  }
  return false;
}
