import { checkExpression } from '../expression.ts';
import type { Reading } from '../reading.ts';
import type { Match, NamedMatch } from '../route.ts';
import type { Source } from '../source.ts';

/** The matches of an HTTPRouteGroup. */
export function readGroup({ read }: Source): readonly Match[] {
  // v1alpha1 and v1alpha2 have them beside spec.
  const matches = [...read.at('spec').at('matches').items(), ...read.at('matches').items()];
  return matches.flatMap((match) => readMatch(match));
}

function readMatch(match: Reading): readonly Match[] {
  match.at('name').text();
  const written = match.at('pathRegex');
  const value = written.text();
  const headers = readHeaders(match.at('headers'));
  if (headers === undefined) return [];
  if (value !== undefined && checkExpression(written, value) === undefined) return [];
  const base: Match = {
    ...(value !== undefined && value !== '.*' && { path: { type: 'RegularExpression', value } }),
    ...(headers.length > 0 && { headers }),
  };
  const methods = match.at('methods').texts();
  if (methods.length === 0 || methods.includes('*')) return [base];
  return methods.map((method) => Object.assign({ method: method.toUpperCase() }, base));
}

/** A map of expressions, or a list of such maps. Undefined, and told, where one of them is none of RE2. */
function readHeaders(read: Reading): readonly NamedMatch[] | undefined {
  const maps = Array.isArray(read.whole()) ? read.items() : [read];
  const headers: NamedMatch[] = [];
  for (const [name, written] of maps.flatMap((map) => map.entries())) {
    const value = written.text();
    if (value === undefined) continue;
    if (checkExpression(written, value) === undefined) return undefined;
    headers.push({ type: 'RegularExpression', name, value });
  }
  return headers;
}
