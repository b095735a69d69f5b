import type { Fields } from '../../../proxy/message/fields.ts';

/** Fields as `name: value`, with `!` before what must be passed on as never indexed. */
export function linesOf(fields: Fields): readonly string[] {
  const lines: string[] = [];
  fields.forEach((name, value) => void lines.push(`${fields.isSecret(name) ? '!' : ''}${name}: ${value}`));
  return lines;
}

/** The same where an encoder has made some never indexed that were not before (RFC 7541 section 7.1.3). */
export function withoutSecrets(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replace(/^!(?=(?:authorization|cookie|set-cookie): )/, ''));
}
