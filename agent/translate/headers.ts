import type { Filter, HeaderField } from '../../routing/model.ts';
import type { HTTPHeaderFilter } from '../objects/types.ts';
import { type Checked, findUnknown } from './checked.ts';

/** Headers that frame or address a message: changing one would let it be read differently on the next hop. */
const reserved = new Set(
  'connection content-length host keep-alive proxy-connection te trailer transfer-encoding upgrade'.split(' '),
);

/** Names become lower case; of several entries with one name the first counts. */
export function translateHeaderModifier(
  type: 'RequestHeaderModifier' | 'ResponseHeaderModifier',
  modifier: HTTPHeaderFilter,
): Checked<Filter> {
  const unknown = findUnknown(type, modifier.unknownFields);
  if (unknown !== undefined) return unknown;
  const set = firstOfEachName(modifier.set);
  const add = firstOfEachName(modifier.add);
  const remove = [...new Set(modifier.remove.map((name) => name.toLowerCase()))];
  const wrong = [...set, ...add, ...remove.map((name) => ({ name, value: '' }))].map(findWrong).find(Boolean);
  if (wrong !== undefined) return { ok: false, message: `filter ${type} ${wrong}` };
  return { ok: true, filter: { type, set, add, remove } };
}

/** See https://gateway-api.sigs.k8s.io/reference/spec/#httpheader */
function firstOfEachName(headers: readonly HeaderField[]): readonly HeaderField[] {
  const seen = new Map<string, HeaderField>();
  for (const { name, value } of headers) {
    const lower = name.toLowerCase();
    if (!seen.has(lower)) seen.set(lower, { name: lower, value });
  }
  return [...seen.values()];
}

function findWrong({ name, value }: HeaderField): string | undefined {
  if (!/^[!#$%&'*+\-.^_`|~\da-z]+$/.test(name)) return `names ${JSON.stringify(name)}, which is not a header name`;
  if (reserved.has(name)) {
    const advice = name === 'host' ? 'use URLRewrite with a hostname' : 'it belongs to the connection; remove it';
    return `would change ${name}: ${advice}`;
  }
  // A line break would start another header.
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    return `has a value for ${name} with characters that no header may hold`;
  return undefined;
}
