import type { Fields } from '../../proxy/message/fields.ts';
import type { HeaderChange as PreparedChange } from '../../proxy/route/headerModifier.ts';
import { textOfWire } from '../../routing/bytes.ts';
import type { Header, HeaderChange, ResponseChanges } from './outcome.ts';

/** Fields in order, names in lower case, values as text. */
export function headersOf(fields: Fields): readonly Header[] {
  const headers: Header[] = [];
  fields.forEach((name, value) => void headers.push({ name, value: textOfWire(value) }));
  return headers.map(({ name, value }) => ({ name: name.toLowerCase(), value }));
}

/** What differs between two sets of fields, by name. */
export function changesOf(before: Fields, after: Fields): readonly HeaderChange[] {
  const names = new Set([...headersOf(before), ...headersOf(after)].map(({ name }) => name));
  return [...names].flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    if (was === is) return [];
    return [
      {
        name,
        ...(was !== undefined && { before: textOfWire(was) }),
        ...(is !== undefined && { after: textOfWire(is) }),
      },
    ];
  });
}

/** All changes of a rule to responses as one, in their order. */
export function responseChanges(changes: readonly PreparedChange[], cors: string | undefined): ResponseChanges {
  return {
    set: changes.flatMap(({ set }) => set.map(showField)),
    add: changes.flatMap(({ add }) => add.map(showField)),
    remove: changes.flatMap(({ remove }) => remove),
    ...(cors !== undefined && { cors: readVerdict(cors) }),
  };
}

function showField({ lowerName, value }: PreparedChange['set'][number]): Header {
  return { name: lowerName, value: textOfWire(value) };
}

/** The words of a verdict, which the engine has as a ready part of its log line. */
export function readVerdict(fragment: string): string {
  const { cors } = JSON.parse(`{${fragment.slice(1)}}`) as { readonly cors?: string };
  return cors ?? '';
}
