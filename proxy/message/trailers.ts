import type { Fields } from './fields.ts';
import { ownPrefix } from './ownFields.ts';

// What would change who is asking, whom, or how the body is understood. What frames a message no reader has among the fields.
const forbidden =
  'authorization proxy-authorization proxy-authenticate www-authenticate cookie set-cookie content-length content-encoding ' +
  'content-type content-range trailer expect range host te';
const forbiddenNames = new Set(forbidden.split(' '));

/** Whether a field of this name, in lower case, must not stand among trailers. */
export function isForbiddenTrailer(lowerName: string): boolean {
  return forbiddenNames.has(lowerName) || lowerName.startsWith(ownPrefix);
}

/** Takes out of a trailer section what no header may be made of, and what our programs say to each other. */
export function dropForbiddenTrailers(fields: Fields): void {
  fields.removeWhere(isForbiddenTrailer);
}
