import type { Field } from './field.ts';
import type { BuiltRoute } from './types.ts';

/** Finds what an API server would have refused or dropped, in a route that comes from a file. */
export function checkRoute(object: Field, { kind, unknownFields, rules }: BuiltRoute): void {
  const spec = object.at('spec');
  for (const field of unknownFields) spec.at(field).wrong(`${kind} has no such field; check the spelling`);
  const names = rules.map(({ name }) => name).filter((name) => name !== undefined);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) spec.at('rules').wrong(`two rules are named "${name}"; give each its own name`);
  }
}
