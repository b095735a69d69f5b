import type { Fields } from '../../../proxy/message/fields.ts';

/** Fields as `name: value`, with `!` before what must be passed on as never indexed. */
export function linesOf(fields: Fields): readonly string[] {
  const lines: string[] = [];
  fields.forEach((name, value) => void lines.push(`${fields.isSecret(name) ? '!' : ''}${name}: ${value}`));
  return lines;
}
