import type { Filter, HeaderField } from '../../../routing/model.ts';
import { firstOfEachName } from '../../../routing/match/predicates.ts';
import { filterProblem } from '../../../routing/filters/problem.ts';
import type { HTTPHeaderFilter } from '../../objects/types.ts';
import { orNone } from '../none.ts';
import { type Checked, findUnknown } from './checked.ts';

type HeaderFilter = Extract<Filter, { type: 'RequestHeaderModifier' | 'ResponseHeaderModifier' }>;

/** Names become lower case; of several entries with one name the first counts. */
export function translateHeaderModifier(
  type: 'RequestHeaderModifier' | 'ResponseHeaderModifier',
  modifier: HTTPHeaderFilter,
): Checked<HeaderFilter> {
  const unknown = findUnknown(`filter ${type}`, modifier.unknownFields);
  if (unknown !== undefined) return unknown;
  const set = translateFields(modifier.set);
  const add = translateFields(modifier.add);
  const remove = orNone([...new Set(modifier.remove.map((name) => name.toLowerCase()))]);
  const filter: HeaderFilter = { type, set, add, remove };
  const problem = filterProblem(filter);
  return problem === undefined ? { ok: true, value: filter } : { ok: false, message: `filter ${type}: ${problem}` };
}

/** See https://gateway-api.sigs.k8s.io/reference/spec/#httpheader */
function translateFields(fields: readonly HeaderField[]): readonly HeaderField[] {
  return orNone(firstOfEachName(fields.map(({ name, value }) => ({ name: name.toLowerCase(), value }))));
}
