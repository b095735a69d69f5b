import type { Fields } from './fields.ts';

/** How the names of all fields begin that Heddle's programs say something to each other by. */
export const ownPrefix = 'heddle-';

/** Takes them out of a request once they are read: a client does not speak for us, and an application learns nothing of them. */
export function dropOwnFields(fields: Fields): void {
  fields.removeWhere((name) => name.startsWith(ownPrefix));
}
