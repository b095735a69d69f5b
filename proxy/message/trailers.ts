import type { Fields } from './fields.ts';
import { dropOwnFields } from './ownFields.ts';

// Beside what frames a message, and Host, which no reader has among the fields: what would change who is asking, or how the
// body is understood.
const forbiddenTrailers =
  'authorization proxy-authorization proxy-authenticate www-authenticate cookie set-cookie content-length content-encoding ' +
  'content-type content-range trailer expect range';

/** Takes out of a trailer section what no header may be made of, and what our programs say to each other. */
export function dropForbiddenTrailers(fields: Fields): void {
  for (const name of forbiddenTrailers.split(' ')) fields.remove(name);
  dropOwnFields(fields);
}
