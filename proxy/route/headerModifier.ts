import type { HeaderField, HeaderModifier } from '../../routing/model.ts';
import { wireText } from '../../routing/bytes.ts';
import type { Fields } from '../message/fields.ts';

/** A field that is appended: `value` is the bytes that are written. */
type PreparedField = { readonly name: string; readonly lowerName: string; readonly value: string };

/** A header modifier made ready before any request: nothing is encoded or lower-cased when it is applied. */
export type HeaderChange = {
  readonly set: readonly PreparedField[];
  readonly add: readonly PreparedField[];
  /** In lower case. */
  readonly remove: readonly string[];
};

/** Works out the lower case of every name and the bytes of every value, once. */
export function prepareHeaderModifier({ set, add, remove }: HeaderModifier): HeaderChange {
  return { set: set.map(prepareField), add: add.map(prepareField), remove: remove.map((name) => name.toLowerCase()) };
}

function prepareField({ name, value }: HeaderField): PreparedField {
  return { name, lowerName: name.toLowerCase(), value: wireText(value) };
}

/** Applies changes in their order. */
export function applyHeaderChanges(changes: readonly HeaderChange[], headers: Fields): void {
  for (const change of changes) applyHeaderChange(change, headers);
}

/**
 * `set` replaces, `add` appends, `remove` takes away, in this order (Gateway API HTTPHeaderFilter). Names and values were
 * found valid, and no framing field among them, when the configuration was decoded (routing/filters/problem.ts).
 */
function applyHeaderChange(change: HeaderChange, headers: Fields): void {
  for (const { name, lowerName, value } of change.set) {
    headers.remove(lowerName);
    headers.append(name, value, lowerName);
  }
  for (const { name, lowerName, value } of change.add) headers.append(name, value, lowerName);
  for (const name of change.remove) headers.remove(name);
}
