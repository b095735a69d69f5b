import type { Field } from './field.ts';
import type { NamedMatch } from './types.ts';

/** Decodes a match on a header or on a query parameter. */
export function decodeNamedMatch(match: Field): NamedMatch {
  return {
    type: match.at('type').optionalString() ?? 'Exact',
    name: match.at('name').string(),
    value: match.at('value').string(),
  };
}
