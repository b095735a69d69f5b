import type { PathModifier } from '../model.ts';
import { withoutTrailingSlash } from '../path.ts';

/**
 * The path after a ReplaceFullPath or ReplacePrefixMatch, without query
 * (https://gateway-api.sigs.k8s.io/reference/spec/#httppathmodifier). It starts with `/`, and replacing a prefix adds no
 * second `/`. What is no character of a path is percent-encoded in the replacement. Only a PathPrefix match has a `matchedPrefix`; without one, ReplacePrefixMatch leaves the path as it is
 * (the translation refuses such a rule).
 */
export function rewritePath(modifier: PathModifier, path: string, matchedPrefix: string | undefined): string {
  const replacement = escaped(modifier.value);
  if (modifier.type === 'ReplaceFullPath') return withLeadingSlash(replacement);
  if (matchedPrefix === undefined) return path;
  const remainder = path.slice(withoutTrailingSlash(matchedPrefix).length);
  return withLeadingSlash(withoutTrailingSlash(replacement) + remainder);
}

function withLeadingSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

/**
 * Leaves valid escapes alone; `?` and `#` would end the path, strict readers refuse a `%` that escapes nothing, and
 * browsers take `\` for `/`. https://www.rfc-editor.org/rfc/rfc3986#section-3.3
 */
function escaped(path: string): string {
  return path.toWellFormed().replace(noPathCharacter, encodeURIComponent);
}

const noPathCharacter = /%(?![\da-f]{2})|[^\w.~!$&'()*+,;=:@/%-]/giu;
