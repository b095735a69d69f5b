import type { PathModifier } from '../model.ts';
import { withoutTrailingSlash } from '../path.ts';

/**
 * The path after a ReplaceFullPath or ReplacePrefixMatch, without query
 * (https://gateway-api.sigs.k8s.io/reference/spec/#httppathmodifier). It starts with `/`, and replacing a prefix adds no
 * second `/`. Only a PathPrefix match has a `matchedPrefix`; without one, ReplacePrefixMatch leaves the path as it is
 * (the translation refuses such a rule).
 */
export function rewritePath(modifier: PathModifier, path: string, matchedPrefix: string | undefined): string {
  if (modifier.type === 'ReplaceFullPath') return withLeadingSlash(modifier.value);
  if (matchedPrefix === undefined) return path;
  const remainder = path.slice(withoutTrailingSlash(matchedPrefix).length);
  return withLeadingSlash(withoutTrailingSlash(modifier.value) + remainder);
}

function withLeadingSlash(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
