import type { HeaderModifier } from '../../routing/model.ts';
import type { Fields } from '../exchange/fields.ts';

/** Names that are framing or belong to one connection: a filter must not write them (http-safety rules 1, 11). */
const unchangeable = new Set([
  ...[
    'content-length',
    'transfer-encoding',
    'connection',
    'keep-alive',
    'proxy-connection',
    'upgrade',
    'te',
    'trailer',
  ],
]);

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const control = /[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/;

/** What makes a modifier unusable, or undefined. */
export function checkHeaderModifier(modifier: HeaderModifier): string | undefined {
  const names = [...modifier.set, ...modifier.add].map((field) => field.name).concat(modifier.remove);
  for (const name of names) {
    if (!token.test(name)) return `${JSON.stringify(name)} is not a header name`;
    if (unchangeable.has(name.toLowerCase()))
      return `the header ${name} belongs to the connection and cannot be changed`;
  }
  const wrong = [...modifier.set, ...modifier.add].find((field) => control.test(field.value));
  return wrong === undefined ? undefined : `the value for the header ${wrong.name} has characters that HTTP forbids`;
}

/** `set` replaces, `add` appends, `remove` takes away, in this order (Gateway API HTTPHeaderFilter). `host` is left out. */
export function applyHeaderModifier(modifier: HeaderModifier, headers: Fields): void {
  for (const { name, value } of modifier.set) {
    const lower = name.toLowerCase();
    if (lower === 'host') continue;
    headers.remove(lower);
    headers.append(name, value);
  }
  for (const { name, value } of modifier.add) if (name.toLowerCase() !== 'host') headers.append(name, value);
  for (const name of modifier.remove) headers.remove(name.toLowerCase());
}

/** The Host that a request modifier sets, if it does. */
export function hostOf(modifier: HeaderModifier): string | undefined {
  return modifier.set.find((field) => field.name.toLowerCase() === 'host')?.value;
}
