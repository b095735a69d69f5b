import { firstOfEachName } from '../../../routing/match/predicates.ts';
import { checkRegularExpression } from '../../../routing/match/regularExpression.ts';
import type { HeaderMatch, Match } from '../../../routing/model.ts';
import type { NamedMatch } from '../../objects/types.ts';
import { orNone } from '../none.ts';

/** A match, or why it can never be told whether it holds. */
export type TranslatedMatch =
  | { readonly ok: true; readonly match: Match }
  | { readonly ok: false; readonly message: string };

/** Names of headers become lower case. */
export function translateHeaders(headers: readonly NamedMatch[]): readonly HeaderMatch[] {
  return translateNamed(headers.map((header) => ({ ...header, name: header.name.toLowerCase() })));
}

/** The first entry of a name counts: https://gateway-api.sigs.k8s.io/reference/spec/#httpheadermatch */
export function translateNamed(matches: readonly NamedMatch[]): readonly HeaderMatch[] {
  return orNone(firstOfEachName(matches) as readonly HeaderMatch[]);
}

const valueTypes = ['Exact', 'RegularExpression'];

/** Why it can never be told whether the first wrong of these holds; `what` they are stands before the name. */
export function findWrongNamed(what: string, matches: readonly NamedMatch[]): string | undefined {
  for (const match of matches) {
    const wrong = findWrongValue(`${what} ${match.name}`, match);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** The same of one value. */
export function findWrongValue(
  what: string,
  { type, value }: { readonly type: string; readonly value: string },
  types: readonly string[] = valueTypes,
): string | undefined {
  if (!types.includes(type)) return `${what} has the type ${type}; use one of ${types.join(', ')}`;
  const wrong = type === 'RegularExpression' ? checkRegularExpression(value) : undefined;
  return wrong === undefined ? undefined : `${what} has the regular expression ${JSON.stringify(value)}: ${wrong}`;
}

/** Why nothing is known of a match: a field of it that is not known. */
export function findUnknownInMatch(unknownFields: readonly string[]): string | undefined {
  const [unknown] = unknownFields;
  return unknown === undefined ? undefined : `field ${unknown} is not known; remove it or correct the spelling`;
}
