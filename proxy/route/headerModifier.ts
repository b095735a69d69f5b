import type { HeaderField, HeaderModifier } from '../../routing/model.ts';
import { wireText } from '../../routing/bytes.ts';
import type { Fields } from '../message/fields.ts';

/** A modifier whose values are the bytes that are written: made once, before any request. */
export function prepareHeaderModifier({ set, add, remove }: HeaderModifier): HeaderModifier {
  return { set: inBytes(set), add: inBytes(add), remove };
}

function inBytes(fields: readonly HeaderField[]): readonly HeaderField[] {
  return fields.map(({ name, value }) => ({ name, value: wireText(value) }));
}

/**
 * `set` replaces, `add` appends, `remove` takes away, in this order (Gateway API HTTPHeaderFilter). Names and values were
 * found valid, and no framing field among them, when the configuration was decoded (routing/filters/problem.ts).
 */
export function applyHeaderModifier(modifier: HeaderModifier, headers: Fields): void {
  for (const { name, value } of modifier.set) {
    headers.remove(name.toLowerCase());
    headers.append(name, value);
  }
  for (const { name, value } of modifier.add) headers.append(name, value);
  for (const name of modifier.remove) headers.remove(name.toLowerCase());
}
